/** What a page does when its board's socket is closed to it for good. */

import { html } from "lit-html";
import { toLogin } from "../net/login";
import { ask } from "./dialog";

let told = false;

export function boardClosed(code: number): void {
  if (code === 4401) toLogin();
  else if (!told) tell();
}

function tell(): void {
  told = true;
  const body = html`<h2>This board is closed to you</h2>
    <p class="dialog-body">You are no longer one of its members, or it was deleted. Ask one of its owners if you need to come back.</p>
    <footer><a class="button primary" href="/" autofocus>Go to your boards</a></footer>`;
  void ask("This board is closed to you", body).then(() => location.assign("/"));
}
