"""How a statement's HTML looks: on a phone, on a desk, and on two pages of A4."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1c1c1c; font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.25rem 1rem 2rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .25rem; border-bottom: 2px solid #1f5c4d; padding-bottom: .2rem; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
.banner { background: #fff2cc; border: 1px solid #8a6d00; padding: .4rem .6rem; margin: 0 0 1rem; }
.total strong { display: block; font-size: 2rem; line-height: 1.2; color: #1f5c4d; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums lining-nums; }
caption { text-align: left; color: #4a4a4a; font-size: .85rem; padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #d9d9d9; }
thead th, thead td { color: #4a4a4a; font-size: .85rem; border-bottom: 1px solid #767676; }
tbody th { font-weight: normal; overflow-wrap: anywhere; min-width: 6rem; }
.right { text-align: right; white-space: nowrap; }
.sum th { white-space: nowrap; }
.sum th, .sum td { font-weight: 600; border-bottom: 1px solid #767676; }
.bars th, .bars .right { width: 1%; min-width: 0; white-space: nowrap; }
.chart { padding-right: 0; vertical-align: middle; }
.bar { display: block; width: 100%; height: .8rem; }
.gain { fill: #1f5c4d; }
.loss { fill: #fff; stroke: #8f1d1d; stroke-width: 2; }
dl { margin: .5rem 0 0; font-size: .85rem; }
dl div { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .15rem 0; }
dt { width: 5.5rem; color: #4a4a4a; }
dd { margin: 0; flex: 1 1 15rem; overflow-wrap: anywhere; }
footer { margin-top: 2rem; color: #4a4a4a; font-size: .85rem; overflow-wrap: anywhere; }
@media screen and (max-width: 32rem) {
  .many { font-size: .8rem; }
  .many th, .many td { padding-right: .35rem; min-width: 0; }
  .many tbody th { min-width: 4.7rem; }
  .many thead th { white-space: normal; font-size: .75rem; }
}
@page { size: A4; margin: 18mm 18mm 16mm; }
@media print {
  body { font-size: 9.5pt; line-height: 1.3; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .total strong { font-size: 18pt; }
  h2 { margin-top: .8rem; break-after: avoid; }
  th, td { padding-top: .1rem; padding-bottom: .1rem; }
  tr, dl div, .total { break-inside: avoid; }
  .wide { overflow: visible; }
}
"""
