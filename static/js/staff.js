/* Small help on the staff pages; everything works without it.
   1. After a refused form, the error summary takes the focus.
   2. Leaving a page with typed, unsaved text asks first.
   3. A button pressed twice sends once. */
"use strict";

const summary = document.querySelector(".errs, .clash");
if (summary) summary.focus();

for (const form of document.querySelectorAll("form[data-guard]")) {
  let changed = form.dataset.guard === "unsaved";
  let sending = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", (event) => {
    if (sending) { event.preventDefault(); return; }
    sending = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !sending) event.preventDefault();
  });
  // Coming back by the back button, the form can be sent again.
  window.addEventListener("pageshow", () => { sending = false; });
}
