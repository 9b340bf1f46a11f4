/** Files dropped on a card, on its details or on its terminal are uploaded to it. Anywhere else the page is not left for them. */

import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import { uploads } from "../model/uploads";
import { inTerminal } from "../ui/focus";
import { uploadWithNews } from "./file-news";
import { named } from "./pasted-files";

const TARGETS = "[data-sheet-card], [data-panel-card], [data-card]";

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

function targetOf(event: Event): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(TARGETS) : null;
}

const cardOf = ({ dataset }: HTMLElement): string => dataset["sheetCard"] ?? dataset["panelCard"] ?? dataset["card"] ?? "";

function mark(target: HTMLElement | null): void {
  for (const other of document.querySelectorAll<HTMLElement>("[data-file-over]")) if (other !== target) delete other.dataset["fileOver"];
  if (target) target.dataset["fileOver"] = "true";
}

function dropped(store: Store, event: DragEvent): void {
  const target = targetOf(event);
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!target || !files.length || !mayEdit(store)) return;
  if (target.dataset["sheetCard"]) uploads.add(cardOf(target), files);
  else uploadWithNews(store, cardOf(target), files);
}

/** Text pasted into a terminal is the terminal's; a picture goes to the card. */
function pasted(store: Store, event: ClipboardEvent): void {
  const panel = targetOf(event);
  const files = [...(event.clipboardData?.files ?? [])];
  if (!panel?.dataset["panelCard"] || !inTerminal(event.target as Element) || !files.length || !mayEdit(store)) return;
  event.preventDefault();
  event.stopPropagation();
  uploadWithNews(store, cardOf(panel), files.map(named));
}

export function takeFiles(store: Store): void {
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const target = mayEdit(store) ? targetOf(event) : null;
    if (event.dataTransfer) event.dataTransfer.dropEffect = target ? "copy" : "none";
    mark(target);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && mark(null));
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(null);
    dropped(store, event);
  });
  addEventListener("paste", (event) => pasted(store, event), { capture: true });
}
