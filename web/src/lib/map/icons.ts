/** The map's few signs, drawn on a canvas: no sprite sheet to fetch. */

import { COLORS } from './style'

const SIZE = 44

function draw(paint: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('The browser gives no 2D canvas, so the map cannot draw its signs.')
  pen.translate(SIZE / 2, SIZE / 2)
  pen.lineJoin = 'round'
  paint(pen)
  return pen.getImageData(0, 0, SIZE, SIZE)
}

/** An arrow whose tip is the heading. */
function arrow(fill: string): ImageData {
  return draw((pen) => {
    pen.beginPath()
    pen.moveTo(0, -17)
    pen.lineTo(13, 15)
    pen.lineTo(0, 8)
    pen.lineTo(-13, 15)
    pen.closePath()
    pen.lineWidth = 5
    pen.strokeStyle = '#05080b'
    pen.stroke()
    pen.fillStyle = fill
    pen.fill()
  })
}

function ring(color: string, inner: number): ImageData {
  return draw((pen) => {
    pen.lineWidth = 8
    pen.strokeStyle = '#05080b'
    pen.beginPath()
    pen.arc(0, 0, 13, 0, 2 * Math.PI)
    pen.stroke()
    pen.lineWidth = 4
    pen.strokeStyle = color
    pen.stroke()
    pen.beginPath()
    pen.arc(0, 0, inner, 0, 2 * Math.PI)
    pen.fillStyle = color
    pen.fill()
  })
}

function square(color: string): ImageData {
  return draw((pen) => {
    pen.fillStyle = '#05080b'
    pen.fillRect(-12, -12, 24, 24)
    pen.lineWidth = 3
    pen.strokeStyle = color
    pen.strokeRect(-10, -10, 20, 20)
    pen.beginPath()
    pen.moveTo(-4, 6)
    pen.lineTo(-4, -6)
    pen.moveTo(4, 6)
    pen.lineTo(4, -6)
    pen.moveTo(-4, 0)
    pen.lineTo(4, 0)
    pen.stroke()
  })
}

function cross(color: string): ImageData {
  return draw((pen) => {
    for (const [width, style] of [
      [8, '#05080b'],
      [3, color],
    ] as const) {
      pen.lineWidth = width
      pen.strokeStyle = style
      pen.beginPath()
      pen.arc(0, 0, 9, 0, 2 * Math.PI)
      for (const [x, y] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
        pen.moveTo(x * 5, y * 5)
        pen.lineTo(x * 17, y * 17)
      }
      pen.stroke()
    }
  })
}

/** Slanted lines that go on from one tile of the pattern to the next. */
function hatch(color: string): ImageData {
  return draw((pen) => {
    pen.strokeStyle = color
    pen.lineWidth = 2
    pen.beginPath()
    for (const offset of [-SIZE, -SIZE / 2, 0, SIZE / 2, SIZE]) {
      pen.moveTo(offset - SIZE, SIZE)
      pen.lineTo(offset + SIZE, -SIZE)
    }
    pen.stroke()
  })
}

/** Another aircraft: the open diamond of traffic displays with a stroke ahead, filled when it comes near. */
function traffic(color: string, filled: boolean): ImageData {
  return draw((pen) => {
    for (const [width, style] of [
      [7, '#05080b'],
      [3, color],
    ] as const) {
      pen.lineWidth = width
      pen.strokeStyle = style
      pen.beginPath()
      pen.moveTo(0, -19)
      pen.lineTo(0, -10)
      pen.moveTo(0, -10)
      pen.lineTo(9, 0)
      pen.lineTo(0, 10)
      pen.lineTo(-9, 0)
      pen.closePath()
      pen.stroke()
    }
    pen.fillStyle = color
    if (filled) pen.fill()
  })
}

/** Images by the name that layers use, to be drawn at pixel ratio 2. */
export function icons(): Record<string, ImageData> {
  return {
    drone: arrow(COLORS.drone),
    'drone-selected': arrow(COLORS.route),
    incident: ring(COLORS.incident, 5),
    'incident-over': ring('#7d8894', 5),
    'traffic-clear': traffic(COLORS.traffic, false),
    'traffic-advise': traffic(COLORS.caution, true),
    'traffic-avoid': traffic(COLORS.trafficAvoid, true),
    hatch: hatch(COLORS.fence),
    dock: square(COLORS.dock),
    pick: cross('#ffffff'),
  }
}
