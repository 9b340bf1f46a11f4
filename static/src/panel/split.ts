/** The line between board and terminal: dragged or moved by arrow keys, remembered. */

import { html, type TemplateResult } from "lit-html";

const KEY = "vibenv.panel-width";
const RANGE = { min: 30, max: 80, start: 54, step: 2 }; // per cent of the window

const clamp = (percent: number): number => Math.round(Math.max(RANGE.min, Math.min(RANGE.max, percent)));

function stored(): number {
  const value = Number(localStorage.getItem(KEY));
  return value ? clamp(value) : RANGE.start;
}

export function applyStoredSplit(): void {
  document.documentElement.style.setProperty("--panel-width", `${stored()}%`);
}

function set(percent: number, handle: HTMLElement): void {
  localStorage.setItem(KEY, String(clamp(percent)));
  handle.setAttribute("aria-valuenow", String(stored()));
  applyStoredSplit();
}

function dragged(event: PointerEvent): void {
  const handle = event.currentTarget as HTMLElement;
  if (handle.hasPointerCapture(event.pointerId)) set(100 - (event.clientX / innerWidth) * 100, handle);
}

function keyed(event: KeyboardEvent): void {
  const move = { ArrowLeft: RANGE.step, ArrowRight: -RANGE.step }[event.key];
  if (move === undefined) return;
  event.preventDefault();
  set(stored() + move, event.currentTarget as HTMLElement);
}

export function splitHandle(): TemplateResult {
  return html`<div
    class="split"
    role="separator"
    tabindex="0"
    aria-orientation="vertical"
    aria-label="Width of the terminal"
    aria-valuemin=${RANGE.min}
    aria-valuemax=${RANGE.max}
    aria-valuenow=${stored()}
    @pointerdown=${(event: PointerEvent) => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)}
    @pointermove=${dragged}
    @keydown=${keyed}
  ></div>`;
}
