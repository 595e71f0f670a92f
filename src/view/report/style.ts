/** The report's style sheet: light, dark, narrow, printed. Colours belong to the two arms alone; verdicts are ink and shape. */

const COLOURS = `:root{--paper:#ffffff;--ink:#1b1f24;--soft:#59626d;--line:#d8dde3;--grey:#1b1f2414;--stop:#1b1f240d;--base:#1f5f9f;--cand:#b04a00;--base-band:#1f5f9f26;--cand-band:#b04a0033}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e7eaee;--soft:#a2abb6;--line:#363d46;--grey:#e7eaee1a;--stop:#e7eaee0f;--base:#84b6ee;--cand:#f2a663;--base-band:#84b6ee26;--cand-band:#f2a66333}}
`

/** What the timeline alone needs. */
const CHART = `.tl{display:block;overflow:visible}.tl svg{overflow:hidden}.tl .over{overflow:visible}
.tl text,.fo text{fill:var(--ink);font-size:13px;font-family:inherit}
.tl text{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.tl .t{font-size:12px;fill:var(--soft)}.tl .end{text-anchor:end}.tl .mid,.fo .mid{text-anchor:middle}.fo .end{text-anchor:end}.tl .v{font-weight:650}
.tl .name{font-weight:650}.tl .name tspan{font-weight:400;fill:var(--soft)}
.tl .tb{fill:var(--base)}.tl .tc{fill:var(--cand);font-weight:650}
.hair{stroke:var(--line)}.edge,.cut{stroke:var(--soft)}.limit{fill:none;stroke:var(--ink);stroke-dasharray:4 3;vector-effect:non-scaling-stroke}
.worse{fill:var(--grey)}.stop{fill:var(--stop)}
.pb,.pc{fill:none;stroke-linejoin:round;vector-effect:non-scaling-stroke}.pb{stroke:var(--base);stroke-width:1.5}.pc{stroke:var(--cand);stroke-width:2.5}.dots{stroke-dasharray:2 3}
.ab{fill:var(--base-band)}.ac{fill:var(--cand-band)}
.doubt{fill:var(--ink)}.ring{fill:var(--paper);stroke:var(--ink);stroke-width:1.75}.disc{fill:var(--ink);stroke:var(--paper);stroke-width:1.5}.tick{fill:none;stroke:var(--ink);stroke-width:1.75}.cross{fill:none;stroke:var(--paper);stroke-width:1.75}
.mark{stroke:var(--ink);stroke-width:2}.spot{fill:var(--ink)}
.narrow{display:none}
`

const PAGE = `*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums lining-nums}
main{max-width:1128px;margin:0 auto;padding:28px 24px 56px}
h1{font-size:29px;line-height:1.22;font-weight:650;letter-spacing:-.012em;margin:10px 0 20px;max-width:34em;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:18px;line-height:1.3;font-weight:650;margin:44px 0 4px}h3{font-size:15px;font-weight:650;margin:22px 0 2px}h4{font-size:13px;font-weight:650;margin:6px 0 0}
p{margin:0 0 10px;max-width:56em}b{font-weight:650}
.soft,small{color:var(--soft)}small,.key{font-size:13px}.key{color:var(--soft);margin:6px 0 0;max-width:62em}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
pre{margin:4px 0 12px;padding:0 0 0 12px;border-left:2px solid var(--line);white-space:pre-wrap}
bdi{unicode-bidi:isolate;overflow-wrap:anywhere}.ctl{border:1px solid var(--soft);border-radius:3px;padding:0 2px;font-size:11px;color:var(--soft)}
.top{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin:0;max-width:none;color:var(--soft)}.top b{color:var(--ink)}
.badge{background:var(--ink);color:var(--paper);font-weight:650;padding:1px 10px 2px;border-radius:3px}
.unjudged{border-left:4px solid var(--ink);padding:2px 0 2px 12px;margin:12px 0 0;max-width:none}
.facts{display:grid;grid-template-columns:repeat(3,1fr);gap:0 28px;margin:0 0 14px}.facts div{border-top:2px solid var(--ink);padding-top:6px}.facts dt{font-size:13px;color:var(--soft)}.facts dd{margin:0}
.meta{display:grid;grid-template-columns:max-content 1fr max-content 1fr;gap:1px 12px;margin:0;font-size:13px}.meta dt{color:var(--soft)}.meta dd{margin:0;min-width:0;overflow-wrap:anywhere}
.nb{color:var(--base);font-weight:650}.nc{color:var(--cand);font-weight:650}
figure{margin:10px 0 6px;padding:0 126px 0 44px}
ol.events{display:none;font-size:13px;margin:4px 0 0;padding-left:22px}
table{border-collapse:collapse;width:100%;margin:8px 0 6px}
th{text-align:left;font-size:13px;font-weight:400;color:var(--soft);vertical-align:bottom;padding:4px 14px 4px 0;border-bottom:1px solid var(--soft)}
td{vertical-align:top;padding:7px 14px 7px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}th:last-child,td:last-child{padding-right:0}
.num{text-align:right}td.num,th.num{white-space:nowrap}.keep{white-space:nowrap}
.fo{width:230px}td.fo{padding-right:20px}.fo svg{display:block;overflow:visible;min-width:190px}th.fo svg text{font-size:12px;fill:var(--soft)}
.iv{stroke:var(--cand);stroke-width:3}.pt{fill:var(--cand)}
tr.more td{border-bottom:0;padding-bottom:2px}tr.why td{padding-top:0}table.gates td:first-child{min-width:160px}
table.plain{width:auto;min-width:50%}table.plain td,table.plain th{padding-right:40px}table.plain .num{white-space:normal}
table.tight td{border:0;padding-top:2px;padding-bottom:2px}.journal td:nth-child(-n+2){white-space:nowrap;text-align:right;color:var(--soft)}.journal tr.k td:last-child{font-weight:650}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 40px}.two>div{min-width:0}
`

const NARROW = `@media screen and (max-width:1060px) and (min-width:901px){table.gates{font-size:13px}table.gates small,table.gates th{font-size:12px}table.gates td,table.gates th{padding-right:9px}.fo{width:150px}.fo svg{min-width:130px}table.gates td:first-child{min-width:110px}}
@media screen and (max-width:900px){main{padding:16px 16px 40px}h1{font-size:22px;margin:8px 0 14px}h2{margin-top:34px}
.facts,.two{grid-template-columns:minmax(0,1fr)}.facts div{padding:6px 0 10px}.meta{grid-template-columns:max-content 1fr}
figure{padding:0 80px 0 36px}.pc{stroke-width:2}.pb{stroke-width:1.25}.wide,.tl .wide{display:none}.narrow{display:inline}ol.events{display:block}
table.plain{min-width:0;width:100%}table.plain td,table.plain th{padding-right:12px}
table.cards thead{display:none}table.cards,table.cards tbody,table.cards tr,table.cards td{display:block;width:auto}
table.cards tr{padding:8px 0;border-bottom:1px solid var(--line)}table.cards tr.more{border:0;padding-bottom:0}table.cards tr.why{padding-top:0}
table.cards td{border:0;padding:1px 0;text-align:left;white-space:normal}table.cards td[data-l]{display:grid;grid-template-columns:9.5em minmax(0,1fr);gap:8px}table.cards td[data-l]::before{content:attr(data-l);color:var(--soft);font-size:13px}
table.cards td.none{display:none}table.cards td.fo{width:auto;padding:4px 0}table.gates td:first-child{min-width:0}
.journal th:nth-child(2),.journal td:nth-child(2){display:none}.journal td:first-child{padding-right:8px}}
`

const PRINT = `@media print{@page{size:A4;margin:12mm}
:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--grey:#00000017;--stop:#0000000d;--base:#1f5f9f;--cand:#b04a00;--base-band:#1f5f9f26;--cand-band:#b04a0033}
body{font-size:9pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}main{max-width:none;padding:0}h1{font-size:17pt}h2{font-size:12pt;margin-top:18pt;break-after:avoid}h3{break-after:avoid}
small,.meta,.key,th,.facts dt,code,pre{font-size:8pt}.tl text,.fo text{font-size:11px}.tl .t,th.fo svg text{font-size:10px}
figure{padding:0 118px 0 36px}td,th{padding-right:9px}.fo{width:140px}td.fo{padding-right:10px}.fo svg{min-width:120px}table.gates td:first-child{min-width:100px}
figure,tr,pre,.facts div,.facts,.unjudged{break-inside:avoid}tr.more,.soft{break-after:avoid}thead{display:table-header-group}p,li{orphans:3;widows:3}}
`

export const PAGE_STYLE = COLOURS + PAGE + CHART + NARROW + PRINT

/** For the timeline as a file of its own. */
export const CHART_STYLE = `${COLOURS}svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}${CHART}`
