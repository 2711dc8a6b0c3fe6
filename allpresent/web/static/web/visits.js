/* The visit form on a phone: what is typed is kept, and a visit saved without a network waits here and is sent once
   when there is one. Every sending of a visit carries the one-time key of its form, so the school writes it down once.
   The form works without this file. */
"use strict";

(function () {
  const DRAFTS = "all-present-draft:visit:";
  const QUEUE = "all-present-visit:";
  const HOURS_KEPT = 12;
  const HIDDEN = ["csrfmiddlewaretoken", "form_key", "by"];
  const form = document.querySelector("form[data-visit]");
  const waiting = document.querySelector("[data-visits-waiting]");
  const user = waiting ? waiting.dataset.visitsWaiting : "";
  let isSending = false;

  function put(key, value) {
    try {
      window.localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch (_error) {
      return false; /* private browsing, or no room */
    }
  }

  function get(key) {
    try {
      return JSON.parse(window.localStorage.getItem(key) || "null");
    } catch (_error) {
      return null;
    }
  }

  function remove(key) {
    try {
      window.localStorage.removeItem(key);
    } catch (_error) {
      /* nothing was kept */
    }
  }

  function keys(prefix) {
    try {
      return Object.keys(window.localStorage).filter((key) => key.startsWith(prefix));
    } catch (_error) {
      return [];
    }
  }

  /* The visits of this person that have not reached the school, the oldest first. */
  function queued() {
    return keys(`${QUEUE}${user}:`)
      .map((key) => ({ key, ...get(key) }))
      .filter((entry) => entry.url)
      .sort((one, other) => one.at - other.at);
  }

  function show(needsSignIn) {
    if (!waiting) {
      return;
    }
    const entries = queued();
    waiting.hidden = entries.length === 0;
    const { one, many, again } = waiting.dataset;
    waiting.querySelector("[data-visits-count]").textContent =
      entries.length === 1 ? one : many.replace("{count}", String(entries.length));
    if (needsSignIn) {
      waiting.querySelector("[data-visits-why]").textContent = again;
    }
    const list = waiting.querySelector("[data-visits-refused]");
    list.replaceChildren(
      ...entries
        .filter((entry) => entry.refused)
        .map((entry) => {
          const line = document.createElement("li");
          const link = document.createElement("a");
          link.href = entry.url;
          link.textContent = `${entry.name}: ${list.dataset.open}`;
          line.append(entry.gone ? entry.name : link, ` · ${entry.refused.join(" ")} `, discarding(entry));
          return line;
        })
    );
  }

  /* What the school will never take can be given up, by the person alone and once they have said so. */
  function discarding(entry) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = waiting.dataset.discard;
    button.setAttribute("aria-label", `${waiting.dataset.discard}: ${entry.name}`);
    button.addEventListener("click", () => {
      if (window.confirm(waiting.dataset.sure)) {
        remove(entry.key);
        show(false);
      }
    });
    return button;
  }

  function token() {
    const field = document.querySelector('input[name="csrfmiddlewaretoken"]');
    return field ? field.value : "";
  }

  /* One sending. Answers "sent", "refused" (the entry then says why), "later", "offline" or "sign-in". */
  async function send(entry) {
    const body = new URLSearchParams(entry.values);
    let answer;
    try {
      answer = await fetch(entry.url, {
        method: "POST",
        body,
        redirect: "manual",
        credentials: "same-origin",
        headers: { "X-Visit-Queue": "1", "X-CSRFToken": token() },
      });
      if (answer.ok) {
        const { url } = await answer.json();
        remove(entry.key);
        return { state: "sent", url };
      }
      if (answer.status === 422) {
        const { errors } = await answer.json();
        return { state: "refused", errors };
      }
      if ([400, 404, 410, 413].includes(answer.status)) {
        return { state: "refused", errors: [waiting.dataset.gone], gone: true };
      }
    } catch (_error) {
      return { state: "offline" }; /* no network, or it broke off: the same key makes a second sending harmless */
    }
    if (answer.type === "opaqueredirect" || [403, 409].includes(answer.status)) {
      return { state: "sign-in" };
    }
    return { state: "later" };
  }

  async function sendAll() {
    if (isSending || !user) {
      return;
    }
    isSending = true;
    let needsSignIn = false;
    try {
      for (const entry of queued().filter((one) => !one.refused)) {
        const result = await send(entry);
        if (result.state === "sent" && form && entry.form === form.dataset.visit) {
          remove(DRAFTS + entry.form);
          window.location.assign(result.url);
          return;
        }
        if (result.state === "refused") {
          refuse(entry, result.errors, Boolean(result.gone));
        }
        needsSignIn = needsSignIn || result.state === "sign-in";
        /* One that the school cannot take now does not keep back those behind it. */
        if (["offline", "sign-in"].includes(result.state)) {
          break;
        }
      }
    } finally {
      isSending = false;
      show(needsSignIn);
    }
  }

  /* The school could not take it as it is: it stays here, with what to change. */
  function refuse(entry, errors, gone) {
    const { key, ...kept } = entry;
    if (form && entry.form === form.dataset.visit) {
      put(DRAFTS + entry.form, { at: Date.now(), value: kept.values });
      remove(key);
      openForm(errors);
    } else {
      put(key, { ...kept, refused: errors, gone });
    }
  }

  function openForm(errors) {
    form.hidden = false;
    const box = form.querySelector("[data-visit-errors]");
    box.hidden = false;
    box.querySelector("ul").replaceChildren(
      ...errors.map((text) => {
        const line = document.createElement("li");
        line.textContent = text;
        return line;
      })
    );
    box.focus();
  }

  function values() {
    return [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken").map(([name, text]) => [name, String(text)]);
  }

  function fields() {
    return [...form.elements].filter((field) => field.name && !HIDDEN.includes(field.name));
  }

  function restore(kept) {
    fields().forEach((field) => {
      const texts = kept.filter(([name]) => name === field.name).map(([, text]) => text);
      if (["radio", "checkbox"].includes(field.type)) {
        field.checked = texts.includes(field.value);
      } else if (texts.length) {
        field.value = texts[0];
      }
      const folded = field.closest("details");
      if (folded && field.type === "checkbox" && field.checked) {
        folded.open = true;
      }
    });
  }

  function saveDraft() {
    const words = form.querySelector("[data-draft-words]");
    if (put(DRAFTS + form.dataset.visit, { at: Date.now(), value: values() }) && words) {
      words.hidden = false;
    }
  }

  function begin() {
    const mine = queued().find((entry) => entry.form === form.dataset.visit);
    const draft = get(DRAFTS + form.dataset.visit);
    if (mine && mine.refused) {
      restore(mine.values);
      openForm(mine.refused);
      put(DRAFTS + form.dataset.visit, { at: Date.now(), value: mine.values });
      remove(mine.key);
    } else if (mine) {
      form.hidden = true; /* saved here already; it only waits for the network */
    } else if (draft && !document.getElementById("errors") && Date.now() - draft.at < HOURS_KEPT * 3600e3) {
      restore(draft.value);
    }
    form.addEventListener("input", saveDraft);
    form.addEventListener("change", saveDraft);
    form.addEventListener("submit", (event) => {
      const key = form.elements.form_key.value;
      const entry = {
        at: Date.now(),
        url: form.getAttribute("action"),
        form: form.dataset.visit,
        name: form.dataset.name,
        values: values(),
      };
      if (!put(`${QUEUE}${user}:${key}`, entry)) {
        return; /* nothing can be kept here: the browser sends the form itself */
      }
      event.preventDefault();
      remove(DRAFTS + form.dataset.visit);
      form.hidden = true;
      show(false);
      sendAll();
    });
  }

  keys(DRAFTS).forEach((key) => {
    const draft = get(key);
    if (!draft || Date.now() - draft.at >= HOURS_KEPT * 3600e3) {
      remove(key);
    }
  });
  if (form) {
    begin();
  }
  /* Leaving on purpose takes the drafts along; a visit that was saved stays until the school has it. */
  document.querySelectorAll('form[action$="/logout/"]').forEach((leave) => {
    leave.addEventListener("submit", () => keys(DRAFTS).forEach(remove));
  });
  window.addEventListener("online", sendAll);
  window.setInterval(() => {
    if (queued().some((entry) => !entry.refused)) {
      sendAll();
    }
  }, 20000);
  show(false);
  sendAll();
})();
