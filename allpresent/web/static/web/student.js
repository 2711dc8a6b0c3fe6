/* The squares of the year are one stop of the Tab key; the arrow keys go from day to day. Without this file each
   square is a stop of its own. */
"use strict";

(function () {
  const grid = document.querySelector("[data-squares]");
  if (!grid) {
    return;
  }
  const days = Array.from(grid.querySelectorAll("a.day"));
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -5, ArrowDown: 5 };
  let at = Math.max(
    days.findIndex((day) => day.hasAttribute("aria-current")),
    0
  );

  const mark = () => days.forEach((day, index) => day.setAttribute("tabindex", index === at ? "0" : "-1"));
  mark();

  grid.addEventListener("focusin", (event) => {
    const index = days.indexOf(event.target);
    if (index >= 0 && index !== at) {
      at = index;
      mark();
    }
  });

  grid.addEventListener("keydown", (event) => {
    let next = null;
    if (event.key in steps) {
      next = at + steps[event.key];
    } else if (event.key === "Home") {
      next = 0;
    } else if (event.key === "End") {
      next = days.length - 1;
    }
    if (next === null || next < 0 || next >= days.length) {
      return;
    }
    event.preventDefault();
    at = next;
    mark();
    days[at].focus();
  });
})();
