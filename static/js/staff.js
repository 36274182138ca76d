/* Conveniences on the staff pages; everything works without them.
   1. After a refused form, the error summary takes the focus.
   2. Leaving a page with typed, unsaved text asks first.
   3. A button pressed twice sends once.
   4. The review works from the keyboard; nothing is decided without Enter on a button. */
"use strict";

const summary = document.querySelector(".errs, .clash");
if (summary) summary.focus();

for (const form of document.querySelectorAll("form[data-guard]")) {
  let changed = form.dataset.guard === "unsaved";
  let sending = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.dataset.download !== undefined) return; // a file; the page stays
    if (sending) { event.preventDefault(); return; }
    sending = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !sending) event.preventDefault();
  });
  // After the back button the form can be sent again.
  window.addEventListener("pageshow", () => { sending = false; });
}

const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const queue = document.querySelector("[data-keys=queue]");
const review = document.querySelector("[data-keys=review]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  // By the key's position (code), so that Thai and Latin layouts work alike.
  const go = (element) => { if (element) { event.preventDefault(); element.focus(); } };
  if (queue) {
    const links = [...queue.querySelectorAll(".task__x a")];
    const task = document.activeElement.closest(".task");
    const at = task ? links.findIndex((link) => task.contains(link)) : -1;
    if (event.code === "KeyJ") go(links[Math.min(at + 1, links.length - 1)]);
    if (event.code === "KeyK") go(links[Math.max(at - 1, 0)]);
    if (event.code === "KeyX" && task) task.querySelector("[name=report]")?.click();
  }
  const link = { KeyJ: "a[rel=next]", KeyK: "a[rel=prev]" }[event.code];
  if (!queue && link) document.querySelector(link)?.click();
  if (review) {
    if (event.code === "KeyA") go(review.querySelector("[value=approve]"));
    if (event.code === "KeyR") go(review.querySelector("[name=return_reason]"));
  }
});
