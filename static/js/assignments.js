/* A list with ticks: how many are ticked, and the button that says so, if there is one. Without it the
   page shows the numbers of the selection that a link made. */
"use strict";

const bar = document.querySelector(".pickbar");
if (bar) {
  const ticks = [...document.querySelectorAll(".tbl [name=tick]")];
  const number = bar.querySelector("[data-picked]");
  const button = bar.querySelector("[data-confirm]");
  const elsewhere = Number(bar.dataset.elsewhere);
  const show = () => {
    const picked = elsewhere + ticks.filter((tick) => tick.checked).length;
    number.textContent = picked;
    if (button) button.textContent = picked ? bar.dataset.some.replace("{n}", picked) : bar.dataset.none;
  };
  document.addEventListener("change", (event) => { if (ticks.includes(event.target)) show(); });
  // The browser may bring ticks back with the back button.
  window.addEventListener("pageshow", show);
}
