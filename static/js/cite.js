/* A button beside each link and citation that copies it, and says so to everybody. Without JavaScript the
   text is there to be selected. */
"use strict";

const words = document.currentScript.dataset;

function button(from) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "cite__b";
  made.textContent = words.copy;
  const told = document.createElement("span");
  told.className = "cite__d";
  told.setAttribute("role", "status");
  const text = from.textContent.trim();
  made.addEventListener("click", async () => {
    told.textContent = "";
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = words.done;
    } catch {
      // Not allowed here: the text is selected, and the keyboard copies it.
      const range = document.createRange();
      range.selectNodeContents(from);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      told.textContent = words.failed;
    }
  });
  from.after(made, told);
}

// The buttons are made when their details are first opened: a page has many.
for (const each of document.querySelectorAll(".cite")) {
  each.addEventListener("toggle", () => {
    for (const from of each.querySelectorAll("[data-copy]")) button(from);
  }, { once: true });
}
