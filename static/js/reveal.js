// The shown number: counts its minute down, then takes it away and goes back. Without JavaScript a header does it.
"use strict";

const shown = document.querySelector("[data-shown]");
const number = shown.querySelector("[data-number]");
const left = shown.querySelector("[data-left]");
const end = Date.now() + Number(shown.dataset.shown) * 1000;

function hide() {
  number.textContent = "";
}

function tick() {
  const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  left.textContent = String(seconds);
  if (seconds > 0) return;
  hide();
  location.replace(shown.dataset.back);
}

setInterval(tick, 1000);
addEventListener("pagehide", hide); // the browser's "back" must not bring it up again
