/* Small helps only: every page works without this file. */
"use strict";

(function () {
  const typing = (element) =>
    element instanceof HTMLElement &&
    (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName));

  /* "/" goes to the search, unless someone is writing. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
      return;
    }
    const find = document.getElementById("search-text") || document.getElementById("find");
    if (!find) {
      return;
    }
    event.preventDefault();
    if (find.tagName === "A") {
      window.location.assign(find.href);
    } else {
      find.focus();
      find.select();
    }
  });

  /* The list of errors takes the focus, so that it is read first. */
  const focused = document.querySelector("[data-focus]");
  if (focused) {
    focused.focus();
  }

  /* A form sent once stays sent: the second click does nothing. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  document.querySelectorAll("[data-check-all]").forEach((all) => {
    all.addEventListener("change", () => {
      all.form.querySelectorAll('input[name="step"]').forEach((box) => {
        box.checked = all.checked;
      });
    });
  });

  /* A family's box chooses all its children; each can still be chosen alone. */
  document.querySelectorAll('td.pick input[name="step"]').forEach((box) => {
    box.addEventListener("change", () => {
      box.closest("tr").querySelectorAll("input[data-sibling]").forEach((other) => {
        other.checked = box.checked;
      });
    });
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
