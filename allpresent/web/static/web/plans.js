/* The signature: what is drawn on the glass goes along with the form as a picture. */
"use strict";

(function () {
  const glass = document.getElementById("glass");
  const field = document.getElementById("signature");
  if (!glass || !field) {
    return;
  }
  const pen = glass.getContext("2d");
  pen.lineWidth = 3;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = window.getComputedStyle(document.documentElement).color;
  let drawing = false;

  const spot = (event) => {
    const box = glass.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * glass.width) / box.width,
      ((event.clientY - box.top) * glass.height) / box.height,
    ];
  };

  glass.addEventListener("pointerdown", (event) => {
    drawing = true;
    glass.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...spot(event));
  });
  glass.addEventListener("pointermove", (event) => {
    if (drawing) {
      pen.lineTo(...spot(event));
      pen.stroke();
      field.value = "drawn";
    }
  });
  ["pointerup", "pointercancel"].forEach((name) =>
    glass.addEventListener(name, () => {
      drawing = false;
      if (field.value) {
        field.value = glass.toDataURL("image/png");
      }
    })
  );
  document.getElementById("wipe").addEventListener("click", () => {
    pen.clearRect(0, 0, glass.width, glass.height);
    field.value = "";
  });
})();
