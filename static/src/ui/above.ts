/**
 * The place above everything, dialogs too, for what is told by the way: toasts, and words for screen readers.
 *
 * Whatever lies outside of an open modal dialog is inert: not clickable, not read out. So the place lives in the topmost
 * dialog while there is one, and is a popover, which puts it above the dialog's own content.
 */

const place = document.createElement("div");
place.className = "above";
place.popover = "manual";

function settle(): void {
  const home = [...document.querySelectorAll<HTMLElement>("dialog:modal")].at(-1) ?? document.body;
  if (place.parentElement === home) return;
  home.append(place);
  place.showPopover();
}

/** Put a region there, for good. */
export function putAbove(region: HTMLElement): void {
  place.append(region);
  settle();
}

/** Before something is told: a dialog may have gone without a word, and taken the place with it. */
export const raise = settle;

// While a dialog closes it is no longer modal, and its own listeners have yet to remove it.
for (const change of ["toggle", "close"]) document.addEventListener(change, (event) => event.target instanceof HTMLDialogElement && settle(), true);
