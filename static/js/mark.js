/* Marks in a forum's source text; everything works without it, by pasting the words.
   1. A selection by mouse, finger or keyboard fills the form: positions in code points of the stored text,
      counted from each run's data-at, never from the badges between the words.
   2. In the text, the arrow keys go word by word (Intl.Segmenter), Shift extends, Enter marks, Esc drops.
   3. The edges of the words around the selection go along, so that a cut within a word is asked about.
   4. The length of a short title is counted while it is typed. */
"use strict";

const box = document.getElementById("src");
const pop = document.getElementById("pop");

if (box && pop) {
  const form = document.getElementById("f");
  const told = document.getElementById("told");
  const points = (text) => [...text].length;

  // The runs of the source text, in order, and the line of each.
  const runs = [...box.querySelectorAll("[data-at]")].map((element) => ({
    at: Number(element.dataset.at),
    node: element.firstChild,
    text: element.textContent,
    line: element.closest("p"),
  })).filter((run) => run.node);

  // The words of every line, as positions in the source.
  const segmenter = "Segmenter" in Intl ? new Intl.Segmenter("th", { granularity: "word" }) : null;
  const words = [];
  for (const line of new Set(runs.map((run) => run.line))) {
    const own = runs.filter((run) => run.line === line);
    const text = own.map((run) => run.text).join("");
    let at = own[0].at;
    const pieces = segmenter ? [...segmenter.segment(text)].map((each) => each.segment) : text.split(/(\s+)/u);
    for (const piece of pieces) {
      const end = at + points(piece);
      if (piece.trim()) words.push({ start: at, end });
      at = end;
    }
  }

  // A place in the document -> a position in the source.
  const position = (node, offset, isEnd) => {
    const own = runs.find((run) => run.node === node);
    if (own) return own.at + points(own.text.slice(0, offset));
    const place = document.createRange();
    place.setStart(node, offset);
    const next = runs.findIndex((run) => place.comparePoint(run.node, 0) >= 0);
    const last = runs[next < 0 ? runs.length - 1 : Math.max(0, next - 1)];
    return isEnd || next < 0 ? last.at + points(last.text) : runs[next].at;
  };

  // A position in the source -> a place in the document.
  const place = (at, isEnd) => {
    const own = runs.find((run) => {
      const end = run.at + points(run.text);
      return isEnd ? run.at < at && at <= end : run.at <= at && at < end;
    });
    return own && [own.node, [...own.text].slice(0, at - own.at).join("").length];
  };

  const between = (start, end) => runs.map((run) => {
    const letters = [...run.text];
    return letters.slice(Math.max(0, start - run.at), Math.max(0, end - run.at)).join("");
  }).join("");

  let chosen = null;
  let telling = 0;

  const say = (text) => {
    clearTimeout(telling);
    telling = setTimeout(() => { told.textContent = text; }, 150);
  };

  const choose = (start, end) => {
    chosen = { start, end };
    const inside = (at) => words.find((word) => word.start < at && at < word.end);
    form.elements.start.value = start;
    form.elements.end.value = end;
    form.elements.word_start.value = inside(start) ? inside(start).start : start;
    form.elements.word_end.value = inside(end) ? inside(end).end : end;
    const letters = [...between(start, end)];
    const short = letters.length > 60 ? `${letters.slice(0, 25).join("")} … ${letters.slice(-25).join("")}` : letters.join("");
    const count = `${told.dataset.chosen} ${end - start} ${told.dataset.letters}`;
    document.getElementById("pop-count").textContent = count;
    document.getElementById("pop-words").textContent = `“${short}”`;
    say(`${count} “${short}”`);
  };

  const show = () => {
    if (!chosen) return;
    const last = runs.filter((run) => run.at < chosen.end).pop();
    if (last && last.line.nextElementSibling !== pop) last.line.after(pop);
    pop.hidden = false;
  };

  const drop = () => {
    chosen = null;
    for (const name of ["start", "end", "word_start", "word_end"]) form.elements[name].value = "";
    pop.hidden = true;
    say(told.dataset.none);
  };

  let dragging = false;
  let waiting = 0;
  document.addEventListener("pointerdown", () => { dragging = true; });
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => { dragging = false; show(); });
  }

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!box.contains(range.commonAncestorContainer) || pop.contains(range.commonAncestorContainer)) return;
    if (range.collapsed) {
      if (chosen && !pop.contains(document.activeElement)) drop();
      return;
    }
    const start = position(range.startContainer, range.startOffset, false);
    const end = position(range.endContainer, range.endOffset, true);
    if (end <= start) return;
    choose(start, end);
    // The box comes below the line when the finger or the mouse rests, so that no line moves under it.
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (!dragging) show(); }, dragging ? 400 : 0);
  });

  document.getElementById("pop-drop").addEventListener("click", () => {
    document.getSelection().removeAllRanges();
    drop();
    box.focus();
  });

  // By keyboard: the word where the selection began, and the one where it ends now.
  let anchor = -1;
  let focus = -1;
  const select = () => {
    const start = words[Math.min(anchor, focus)].start;
    const end = words[Math.max(anchor, focus)].end;
    const from = place(start, false);
    const to = place(end, true);
    document.getSelection().setBaseAndExtent(from[0], from[1], to[0], to[1]);
    to[0].parentElement.scrollIntoView({ block: "nearest" });
    choose(start, end);
    show();
  };

  box.addEventListener("keydown", (event) => {
    if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey || !words.length) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (chosen && focus < 0) {
        anchor = words.findIndex((word) => word.end > chosen.start);
        focus = words.findIndex((word) => word.end >= chosen.end);
      }
      focus = Math.max(0, Math.min(words.length - 1, focus + step));
      if (!event.shiftKey || anchor < 0) anchor = focus;
      select();
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      pop.querySelector("button").click();
    } else if (event.key === "Escape" && chosen) {
      event.preventDefault();
      document.getSelection().removeAllRanges();
      drop();
    }
  });

  for (const count of document.querySelectorAll("[data-count]")) {
    const field = document.getElementById(count.dataset.count);
    field.addEventListener("input", () => { count.textContent = points(field.value); });
  }
}
