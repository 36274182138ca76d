/* Esc closes the phone's menu and gives the focus back to what opened it. Without JavaScript the menu is a
   plain <details>. */
"use strict";

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || event.defaultPrevented || !menu) {
    return;
  }
  menu.open = false;
  menu.querySelector("summary").focus();
});
