from .packet import DeviceIdentity as DeviceIdentity
from .packet import Event as Event
from .packet import LabelSpan as LabelSpan
from .packet import Packet as Packet
from .packet import Recording as Recording
