/* Helps in a meeting: the clock, the arrow keys, and dragging the agenda. Every act works without this file. */
"use strict";

(function () {
  const two = (number) => String(number).padStart(2, "0");
  const words = (seconds) => `${two(Math.floor(seconds / 60))}:${two(Math.floor(seconds) % 60)}`;
  const opened = Date.now();

  document.querySelectorAll("[data-timer]").forEach((clock) => {
    const began = opened - 1000 * Number(clock.dataset.timer); // seconds gone by the server's clock
    clock.hidden = false;
    const tell = () => {
      const all = words(Math.max(0, (Date.now() - began) / 1000));
      const here = words((Date.now() - opened) / 1000);
      clock.textContent = clock.dataset.child
        ? `· ${clock.dataset.child} ${here} · ${clock.dataset.words} ${all}`
        : `· ${clock.dataset.words} ${all}`;
    };
    tell();
    window.setInterval(tell, 1000);
  });

  /* The arrow keys turn the page, unless someone is writing or choosing. */
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const busy = target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
    if (busy || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) {
      return;
    }
    const link = document.querySelector(`a[data-key="${event.key.replace(/[^A-Za-z]/g, "")}"]`);
    if (link) {
      event.preventDefault();
      window.location.assign(link.href);
    }
  });

  const list = document.querySelector("[data-order]");
  const form = document.querySelector("[data-order-form]");
  if (!list || !form) {
    return;
  }
  let dragged = null;
  list.querySelectorAll("[data-item]").forEach((row) => {
    row.draggable = true;
    row.addEventListener("dragstart", () => {
      dragged = row;
      row.classList.add("dragged");
    });
    row.addEventListener("dragover", (event) => {
      event.preventDefault();
      if (dragged && dragged !== row) {
        const box = row.getBoundingClientRect();
        list.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? row : row.nextSibling);
      }
    });
    row.addEventListener("dragend", () => {
      row.classList.remove("dragged");
      const order = [...list.querySelectorAll("[data-item]")].map((one) => one.dataset.item);
      form.querySelector("input[name=order]").value = order.join(",");
      form.submit();
    });
  });
})();
