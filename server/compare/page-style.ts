/** Style of the report: both themes, a wide table that becomes cards on a phone. */
export const STYLE = `
:root{color-scheme:light dark;--canvas:#f6f7f9;--surface:#fff;--surface2:#eef1f5;--border:#d5dbe3;--control:#7d8796;--text:#161b22;--text2:#465060;--accent:#2456d3;--on-accent:#fff;--warn:#8a5200;--warn-tint:#fdf0da;--crit:#b3261e;--crit-tint:#fce8e6;--info-tint:#e8eefc}
@media (prefers-color-scheme:dark){:root{--canvas:#0d1117;--surface:#151b23;--surface2:#1e2630;--border:#2d3643;--control:#6e7a8c;--text:#e7ebf1;--text2:#b0bac8;--accent:#82a8ff;--on-accent:#0b1220;--warn:#f0b24a;--warn-tint:#33260d;--crit:#ff8e80;--crit-tint:#3a1916;--info-tint:#16244a}}
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main,header,footer{max-width:1280px;margin:0 auto;padding:0 20px}
header{padding-top:28px}h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:28px 0 10px}p{margin:4px 0;color:var(--text2)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:16px 0}
.card{background:var(--surface);border:1px solid var(--border);border-radius:8px;padding:12px 14px}
.card b{display:block;font-size:24px;font-variant-numeric:tabular-nums}.card span{color:var(--text2)}
.tools{display:flex;flex-wrap:wrap;gap:10px;align-items:end;margin:12px 0}
label{display:grid;gap:3px;color:var(--text2);font-size:13px}
input,select,button{font:inherit;color:var(--text);background:var(--surface);border:1px solid var(--control);border-radius:6px;padding:7px 10px;min-height:40px}
button{cursor:pointer}button.main{background:var(--accent);color:var(--on-accent);border-color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:1px}
.scroll{overflow-x:auto;background:var(--surface);border:1px solid var(--border);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:8px 12px;border-bottom:1px solid var(--border);overflow-wrap:anywhere}
th{background:var(--surface2);white-space:nowrap}th button{border:0;background:none;padding:0;min-height:0;font-weight:600}
td.empty{color:var(--text2);font-style:italic}td.odd{background:var(--warn-tint)}
tr:last-child td{border-bottom:0}.num{text-align:right;font-variant-numeric:tabular-nums}
.tag{display:inline-block;border-radius:5px;padding:1px 7px;background:var(--info-tint)}.tag.only{background:var(--crit-tint)}.tag.several{background:var(--warn-tint)}
details{background:var(--surface);border:1px solid var(--border);border-radius:8px;padding:10px 14px;margin:10px 0}summary{cursor:pointer;font-weight:600}
.small{font-size:13px;color:var(--text2)}footer{padding:20px}
@media (max-width:720px){.scroll.lines{border:0;background:none}.lines table,.lines tbody,.lines tr,.lines td{display:block;width:100%}.lines thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.lines tr{background:var(--surface);border:1px solid var(--border);border-radius:8px;margin:0 0 10px}.lines td{border:0;padding:5px 12px}.lines td[data-label]::before{content:attr(data-label) ': ';color:var(--text2)}.tools label,.tools input,.tools select,.tools button{width:100%}}
@media print{.tools{display:none}}
`
