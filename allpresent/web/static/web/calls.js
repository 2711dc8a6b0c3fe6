/* The call sheet: a draft kept on this device, and the number that was tapped. The sheet works without this file. */
"use strict";

(function () {
  const PREFIX = "all-present-draft:";
  const HOURS_KEPT = 12;

  function keep(key, value) {
    try {
      window.localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), value }));
      return true;
    } catch (_error) {
      return false; /* private browsing, or no room: the form itself still holds what was typed */
    }
  }

  function read(key) {
    try {
      const draft = JSON.parse(window.localStorage.getItem(PREFIX + key) || "null");
      return draft && Date.now() - draft.at < HOURS_KEPT * 3600e3 ? draft.value : null;
    } catch (_error) {
      return null;
    }
  }

  function drop(test) {
    try {
      Object.keys(window.localStorage)
        .filter((key) => key.startsWith(PREFIX) && test(key.slice(PREFIX.length)))
        .forEach((key) => window.localStorage.removeItem(key));
    } catch (_error) {
      /* nothing was kept */
    }
  }

  drop((key) => read(key) === null);
  document.querySelectorAll("[data-clear-draft]").forEach((mark) => drop((key) => key === mark.dataset.clearDraft));

  const form = document.querySelector("form[data-draft]");
  if (!form) {
    return;
  }
  const key = form.dataset.draft;
  const skipped = ["csrfmiddlewaretoken", "form_key"];
  const words = form.querySelector("[data-draft-words]");

  function fields() {
    return [...form.elements].filter((field) => field.name && !skipped.includes(field.name) && field.type !== "hidden");
  }

  function save() {
    const value = fields()
      .filter((field) => (["radio", "checkbox"].includes(field.type) ? field.checked : field.value))
      .map((field) => [field.name, field.value]);
    if (keep(key, value) && words) {
      words.hidden = false;
    }
  }

  function restore(value) {
    fields().forEach((field) => {
      const kept = value.filter(([name]) => name === field.name).map(([, text]) => text);
      if (["radio", "checkbox"].includes(field.type)) {
        field.checked = kept.includes(field.value);
      } else if (kept.length) {
        field.value = kept[0];
      }
      const folded = field.closest("details");
      if (folded && (field.type === "checkbox" ? field.checked : field.tagName === "TEXTAREA" && field.value)) {
        folded.open = true;
      }
    });
  }

  /* After errors the server has sent back what was typed; a draft is only for a page that was left. */
  const draft = document.getElementById("errors") ? null : read(key);
  if (draft) {
    restore(draft);
    if (words) {
      words.hidden = false;
    }
  }
  form.addEventListener("input", save);
  form.addEventListener("change", save);

  /* A cause stands both among the first and in the full list: the two boxes go together. */
  form.addEventListener("change", (event) => {
    if (event.target.name === "causes") {
      form.querySelectorAll(`input[name="causes"][value="${event.target.value}"]`).forEach((box) => {
        box.checked = event.target.checked;
      });
    }
  });

  form.querySelectorAll("a[data-number]").forEach((link) => {
    link.addEventListener("click", () => {
      const box = form.querySelector(`input[name="contact"][value="${CSS.escape(link.dataset.number)}"]`);
      if (box && box.type === "radio") {
        box.checked = true;
        save();
      }
    });
  });

  /* Leaving on purpose leaves nothing behind. */
  document.querySelectorAll('form[action$="/logout/"]').forEach((leave) => {
    leave.addEventListener("submit", () => drop(() => true));
  });
})();
