"use strict";
(() => {
  const root = document.documentElement;

  // Theme: as the system has it, light, dark.
  const themes = [["", "as the system's"], ["light", "light"], ["dark", "dark"]];
  const button = document.getElementById("theme");
  let theme = 0;
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = (theme + 1) % themes.length;
    const [value, word] = themes[theme];
    if (value) root.dataset.theme = value; else delete root.dataset.theme;
    button.textContent = `Theme: ${word}`;
  });

  // Where the reader is, in the table of contents.
  const links = [...document.querySelectorAll("nav li a")];
  const parts = links.map((link) => document.querySelector(link.getAttribute("href")));
  const mark = () => {
    const line = window.innerHeight / 3;
    const passed = parts.filter((part) => part.getBoundingClientRect().top <= line).length;
    links.forEach((link, at) => link.classList.toggle("here", at === Math.max(0, passed - 1)));
  };
  document.addEventListener("scroll", mark, { passive: true });
  mark();

  // The explorer: the mark that is nearest to a pointer, a finger, or the next of the arrow keys.
  for (const plane of document.querySelectorAll(".plane")) {
    const figure = plane.closest("figure");
    const [svg, tip] = [plane.querySelector("svg"), plane.querySelector(".tip")];
    const said = figure.querySelector(".said");
    const marks = [...plane.querySelectorAll("[data-recording]")].map((element) => (
      { element, x: Number(element.getAttribute("x")), y: Number(element.getAttribute("y")), told: element.dataset }
    )).sort((one, other) => one.x - other.x || one.y - other.y);
    const idle = said.textContent;
    let chosen = null;

    const shown = (one) => !one.element.classList.contains("off");
    const choose = (one) => {
      if (chosen) chosen.element.classList.remove("on");
      chosen = one;
      tip.hidden = !one;
      if (!one) { said.textContent = idle; return; }
      one.element.classList.add("on");
      const words = `${one.told.recording} · ${one.told.class} · ${one.told.side === "test" ? "tests" : "trains"}`;
      said.textContent = words;
      tip.textContent = words;
      place(one);
    };
    const place = (one) => {
      const [at, box] = [one.element.getBoundingClientRect(), plane.getBoundingClientRect()];
      const middle = at.left + at.width / 2 - box.left;
      const left = Math.min(Math.max(0, middle - tip.offsetWidth / 2), box.width - tip.offsetWidth);
      const above = at.top - box.top - tip.offsetHeight - 8;
      tip.style.left = `${left}px`;
      tip.style.top = `${above < 0 ? at.bottom - box.top + 8 : above}px`;
    };
    const nearest = (event, most) => {
      const matrix = svg.getScreenCTM();
      let [best, least] = [null, (most / matrix.a) ** 2];
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      for (const one of marks) {
        const distance = (one.x - point.x) ** 2 + (one.y - point.y) ** 2;
        if (distance < least && shown(one)) [best, least] = [one, distance];
      }
      return best;
    };
    plane.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") choose(nearest(event, 18)); });
    plane.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") choose(null); });
    plane.addEventListener("click", (event) => choose(nearest(event, 30)));
    plane.addEventListener("blur", () => choose(null));
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    plane.addEventListener("keydown", (event) => {
      const there = marks.filter(shown);
      if (event.key === "Escape") { choose(null); return; }
      if (!there.length || !(event.key in steps || event.key === "Home" || event.key === "End")) return;
      event.preventDefault();
      if (event.key === "Home") { choose(there[0]); return; }
      if (event.key === "End") { choose(there.at(-1)); return; }
      const at = there.indexOf(chosen);
      const next = at < 0 ? (steps[event.key] > 0 ? 0 : there.length - 1) : at + steps[event.key];
      choose(there[Math.min(Math.max(0, next), there.length - 1)]);
    });
    for (const chip of figure.querySelectorAll(".chip")) {
      chip.addEventListener("click", () => {
        const pressed = chip.getAttribute("aria-pressed") !== "true";
        chip.setAttribute("aria-pressed", String(pressed));
        for (const one of marks) if (one.told.index === chip.dataset.index) one.element.classList.toggle("off", !pressed);
        choose(null);
      });
    }
  }
})();
