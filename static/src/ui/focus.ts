/** Where the keyboard is. */

/** True where typing belongs to the element: a form field, but not a terminal. */
export function isTyping(element: Element | null): boolean {
  if (!(element instanceof HTMLElement) || element.closest(".xterm")) return false;
  return element.isContentEditable || element.matches("input, textarea, select");
}

export function inTerminal(element: Element | null): boolean {
  return element?.closest(".xterm") != null;
}

export function dialogIsOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

/** True when something that just came alive may take the focus without interrupting anybody. */
export function mayTakeFocus(): boolean {
  return !dialogIsOpen() && !isTyping(document.activeElement);
}

export function cardElement(id: string): HTMLElement | null {
  return document.querySelector(`[data-card="${CSS.escape(id)}"]`);
}
