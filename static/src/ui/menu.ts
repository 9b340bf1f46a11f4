/** A button with a menu, on the browser's own popover: Escape, the way back of the focus and "click elsewhere" come with it. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { icon, type IconName } from "./icons";
import { keepWithin, type Box } from "./place";

export interface MenuItem {
  words: string;
  icon?: IconName;
  /** The key that does the same. */
  key?: string;
  /** A function, or the address it leads to. */
  action: (() => void) | string;
  current?: boolean;
}

/** Below its button, and within the window. For a popover's `toggle` to open. */
export function place(menu: HTMLElement): void {
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (button) keepWithin(menu, button.getBoundingClientRect());
}

function walk(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!step) return;
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("a, button")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + step + items.length) % items.length]?.focus();
  event.preventDefault();
}

function itemView(item: MenuItem, first: boolean): TemplateResult {
  const words = html`${item.icon ? icon(item.icon) : nothing}${item.words}${item.key ? html`<kbd aria-hidden="true">${item.key}</kbd>` : nothing}`;
  const action = item.action;
  if (typeof action === "string") {
    return html`<a href=${action} ?autofocus=${first} aria-current=${item.current ? "page" : nothing}>${words}</a>`;
  }
  const chosen = (event: Event): void => {
    (event.currentTarget as HTMLElement).closest<HTMLElement>("[popover]")?.hidePopover(); // first: it gives the focus back
    action();
  };
  return html`<button ?autofocus=${first} @click=${chosen}>${words}</button>`;
}

const groupViews = (groups: MenuItem[][]): TemplateResult[] =>
  groups.filter((group) => group.length).map((group, at) => html`<div>${group.map((item, n) => itemView(item, at + n === 0))}</div>`);

/** `id` is the menu's, one in the page. Groups are set apart by a line. */
export function menuButton(id: string, label: string, sign: IconName | TemplateResult, groups: MenuItem[][]): TemplateResult {
  const opened = (event: Event): void => {
    if ((event as ToggleEvent).newState === "open") place(event.currentTarget as HTMLElement);
  };
  return html`<button class="icon-button" popovertarget=${id} aria-label=${label} title=${label}>${typeof sign === "string" ? icon(sign) : sign}</button>
    <nav id=${id} class="menu" popover aria-label=${label} @toggle=${opened} @keydown=${walk}>${groupViews(groups)}</nav>`;
}

/** The dialog around it stays. */
function leave(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
  (event.currentTarget as HTMLElement).hidePopover();
}

/** A menu made when it is asked for, below `beside`: for things of which there are too many to have one each. */
export function showMenu(label: string, beside: Element | Box, groups: MenuItem[][]): void {
  const menu = document.createElement("nav");
  menu.className = "menu";
  menu.popover = "auto";
  menu.setAttribute("aria-label", label);
  menu.addEventListener("keydown", (event) => (event.key === "Escape" ? leave(event) : walk(event)));
  menu.addEventListener("toggle", (event) => event.newState === "closed" && menu.remove());
  render(html`${groupViews(groups)}`, menu);
  // what is outside of an open dialog cannot be reached
  ((beside instanceof Element && beside.closest("dialog")) || document.body).append(menu);
  menu.showPopover();
  keepWithin(menu, beside instanceof Element ? beside.getBoundingClientRect() : beside);
}
