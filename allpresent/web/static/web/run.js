/* The page of a run asks how far it is, and shows its begin and its end as soon as they come. Without this file it reloads itself. */
"use strict";

(function () {
  const card = document.querySelector("[data-run]");
  if (!card) {
    return;
  }
  const stage = card.querySelector("[data-stage]");
  const lines = card.querySelector("[data-lines]");

  const show = (told) => {
    if (told.state !== card.dataset.state) {
      window.location.reload();
      return;
    }
    stage.textContent = told.stage;
    lines.replaceChildren(
      ...told.lines.map((text) => {
        const item = document.createElement("li");
        item.textContent = text;
        return item;
      })
    );
  };

  const look = async () => {
    try {
      const answer = await fetch(card.dataset.run, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        show(await answer.json());
      }
    } catch (error) {
      /* The server does not answer just now; the next look may. */
    }
    window.setTimeout(look, 1500);
  };
  window.setTimeout(look, 1000);
})();
