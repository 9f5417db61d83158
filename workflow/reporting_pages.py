"""report.html redrawn: of a comparison's folder, or of one model's."""

from __future__ import annotations
