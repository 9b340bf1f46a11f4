/** A QR code as a drawing: dark on white in every colour scheme, since cameras expect that. */

import { svg, type SVGTemplateResult } from "lit-html";
import { encode } from "uqr";

const QUIET_ZONE = 4; // modules of white around it, as the standard wants

export function qrCode(text: string, label: string): SVGTemplateResult {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
  return svg`<svg class="qr" role="img" aria-label=${label} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
    <rect width=${size} height=${size} fill="#fff" /><path d=${dark.join("")} fill="#000" />
  </svg>`;
}
