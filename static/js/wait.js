/* Polls the state of background work and shows the result without a reload, so that a screen reader
   announces the end, and not every second of waiting. Without JavaScript the page's head reloads it. */
"use strict";

const PAUSE = 2000; // milliseconds

async function ask() {
  const here = document.querySelector("[data-wait]");
  let answer;
  try {
    answer = await fetch(here.dataset.wait, { redirect: "manual" });
  } catch {
    setTimeout(ask, PAUSE); // no connection just now
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-wait]");
  if (!fresh) {
    location.assign(here.dataset.wait); // it ended on another page
    return;
  }
  here.replaceWith(fresh);
  if (!("file" in fresh.dataset)) {
    setTimeout(ask, PAUSE);
    return;
  }
  document.title = page.title;
  document.querySelector("[data-said]").textContent = fresh.querySelector("h1").textContent;
  location.assign(fresh.dataset.file);
}

setTimeout(ask, PAUSE);
