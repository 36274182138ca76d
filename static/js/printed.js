/* The day of print in the line that only paper shows: a page is kept for all its readers, so the server
   cannot know it. Without JavaScript the line has the address and the edition. */
"use strict";

const line = document.querySelector("[data-printed]");
if (line) {
  const day = new Intl.DateTimeFormat("th-TH-u-ca-buddhist-nu-latn", { dateStyle: "long" });
  window.addEventListener("beforeprint", () => {
    line.textContent = line.dataset.printed.replace("{day}", day.format(new Date()));
  });
}
