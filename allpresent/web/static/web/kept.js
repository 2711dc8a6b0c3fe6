/* What was typed into a form and not taken - refused, too old, signed out meanwhile - is put back where it stood.
   It is kept in this tab alone, from the sending to the next page, or until the person is signed in again. A form
   with data-keep is filled in bit by bit, with other pages in between: it keeps what it holds until it is sent. */
"use strict";

(function () {
  const KEY = "all-present-sent";
  const KEPT = "all-present-kept:";
  const HOURS_KEPT = 12;
  const person = document.body.dataset.person || "";

  const fields = (form) =>
    [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type));

  const place = (form) => {
    const address = new URL(form.action, window.location.href);
    return address.pathname + address.search;
  };

  function keep(entry, key = KEY) {
    try {
      window.sessionStorage.setItem(key, JSON.stringify(entry));
    } catch (_error) {
      /* private browsing, or no room: the form works as it did */
    }
  }

  function take(key = KEY) {
    try {
      const entry = JSON.parse(window.sessionStorage.getItem(key) || "null");
      window.sessionStorage.removeItem(key);
      return entry && Date.now() - entry.at < HOURS_KEPT * 3600e3 ? entry : null;
    } catch (_error) {
      return null;
    }
  }

  const held = (form) =>
    fields(form)
      .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
      .map((field) => [field.name, field.value]);

  /* Fields of one name are filled in their order: several people may be named in one form. */
  function restore(form, values) {
    const left = values.map((pair) => [...pair]);
    fields(form).forEach((field) => {
      if (["radio", "checkbox"].includes(field.type)) {
        field.checked = values.some(([name, text]) => name === field.name && text === field.value);
      } else {
        const at = left.findIndex(([name]) => name === field.name);
        if (at >= 0) {
          field.value = left.splice(at, 1)[0][1];
        }
      }
    });
    for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
    form.querySelectorAll("details").forEach((fold) => {
      fold.open = fold.open || [...fold.querySelectorAll("textarea")].some((field) => field.value);
    });
  }

  /* Of another person nothing stays in the tab once somebody else is signed in. */
  function clearOthers() {
    try {
      Object.keys(window.sessionStorage)
        .filter((key) => key.startsWith(KEPT) && !key.startsWith(`${KEPT}${person}:`))
        .forEach((key) => window.sessionStorage.removeItem(key));
    } catch (_error) {
      /* nothing was kept */
    }
  }
  if (person) {
    clearOthers();
  }

  document.querySelectorAll("form[data-keep]").forEach((form) => {
    const key = `${KEPT}${person}:${form.dataset.keep}`;
    const kept = take(key);
    const hold = () => keep({ at: Date.now(), values: held(form) }, key);
    if (kept) {
      restore(form, kept.values);
      hold();
    }
    form.addEventListener("input", hold);
    form.addEventListener("submit", () => take(key));
  });

  const sent = take();
  const isNotTaken = document.querySelector("[data-not-taken]") !== null;
  const isTheirs = sent && (sent.person === person || (isNotTaken && !person));
  if (isTheirs && isNotTaken) {
    keep({ ...sent, isLost: true });
  } else if (isTheirs && (sent.isLost || document.querySelector(".flash.error"))) {
    const form = [...document.forms].find((one) => one.method === "post" && place(one) === sent.place);
    if (form && !form.querySelector(".wrong")) {
      restore(form, sent.values);
      const words = document.querySelector("[data-kept-words]");
      if (words && sent.isLost) {
        words.hidden = false;
        form.before(words);
        words.focus();
      }
    } else if (sent.isLost) {
      keep(sent);
    }
  }

  /* Forms with a draft of their own look after themselves; a form without a one-time key holds nothing to lose. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !form.elements.form_key || form.dataset.draft || form.dataset.visit) {
      return;
    }
    const values = held(form);
    if (values.length) {
      keep({ person, place: place(form), at: Date.now(), values });
    }
  });

  /* Leaving on purpose leaves nothing behind. */
  function forget() {
    try {
      window.sessionStorage.clear();
    } catch (_error) {
      /* nothing was kept */
    }
  }
  document.querySelectorAll('form[action$="/logout/"]').forEach((leave) => leave.addEventListener("submit", forget));
})();
