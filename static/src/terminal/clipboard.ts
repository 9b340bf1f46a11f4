/** The clipboard: by keys, by the browser's menu, and for programs in the terminal (OSC 52, to write only). */

import { ClipboardAddon, type IClipboardProvider } from "@xterm/addon-clipboard";
import type { Terminal } from "@xterm/xterm";
import { toast } from "../ui/toast";

const PASTE_END = /\x1b\[20[01]~/g;

/** A program may put text on the clipboard, never read what is there. */
const writeOnly: IClipboardProvider = {
  readText: () => "",
  writeText: (_selection, text) => copyText(text),
};

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    toast({ tone: "error", title: "Couldn’t copy.", detail: "The browser allows it only on https:// or localhost, in a page that has the focus." });
  }
}

/** Pasted text must not be able to end the bracket that tells the shell it is pasted. */
const pasteText = (terminal: Terminal, text: string): void => terminal.paste(text.replace(PASTE_END, ""));

export async function pasteFromClipboard(terminal: Terminal): Promise<void> {
  try {
    pasteText(terminal, await navigator.clipboard.readText());
  } catch {
    toast({ tone: "info", title: "The browser keeps the clipboard to itself.", detail: "Paste with Ctrl+V, or with its menu." });
  }
}

/** Ctrl+Shift+C and Ctrl+Shift+V; true when the key was one of them. */
export function clipboardKey(terminal: Terminal, event: KeyboardEvent): boolean {
  if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return false;
  if (event.code === "KeyC") void (terminal.hasSelection() && copyText(terminal.getSelection()));
  else if (event.code === "KeyV") void pasteFromClipboard(terminal);
  else return false;
  return true;
}

export function setUpClipboard(terminal: Terminal, host: HTMLElement): void {
  terminal.loadAddon(new ClipboardAddon(undefined, writeOnly));
  const pasted = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData("text/plain");
    event.preventDefault();
    event.stopPropagation();
    if (text) pasteText(terminal, text);
  };
  host.addEventListener("paste", pasted, { capture: true });
}
