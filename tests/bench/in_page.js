// Runs in the page: reads the time code of sim/camera/timecode.py from the pictures that are shown, and notes how old
// each was when it reached the screen. `window.pictureAges` is a list of {stream, age_ms, frame}; unread pictures count.
() => {
  const BLOCKS = 64
  const EVERY = 3 // pictures: reading one back costs time that the page then lacks
  window.pictureAges = []
  window.picturesUnread = 0
  window.picturesSeen = 0

  function crc8(bytes) {
    let value = 0
    for (const byte of bytes) {
      value ^= byte
      for (let bit = 0; bit < 8; bit++) value = value & 0x80 ? ((value << 1) ^ 0x07) & 0xff : (value << 1) & 0xff
    }
    return value
  }

  function decode(row, width) {
    const grey = []
    for (let block = 0; block < BLOCKS; block++) {
      const at = 4 * Math.floor(((block + 0.5) * width) / BLOCKS)
      grey.push((row[at] + row[at + 1] + row[at + 2]) / 3)
    }
    const white = (grey[0] + grey[2]) / 2
    const black = (grey[1] + grey[3]) / 2
    if (white - black < 64) return null
    const bits = grey.map((level) => (level > (white + black) / 2 ? 1 : 0))
    const field = (from, to) => bits.slice(from, to).reduce((value, bit) => value * 2 + bit, 0)
    const bytes = Array.from({ length: 8 }, (_, index) => field(index * 8, index * 8 + 8))
    if (field(0, 4) !== 0b1010 || crc8(bytes.slice(0, 7)) !== bytes[7]) return null
    return { utc_ms: field(4, 46), frame: field(46, 56) }
  }

  for (const video of document.querySelectorAll('video')) {
    const stream = video.closest('[data-stream]').dataset.stream
    const canvas = new OffscreenCanvas(1, 1)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    let count = 0
    const look = (_, frame) => {
      // A late callback finds the picture on the screen already; an early one knows when it will be.
      const onScreen_ms = Math.max(Date.now(), performance.timeOrigin + frame.expectedDisplayTime)
      video.requestVideoFrameCallback(look)
      window.picturesSeen += 1
      if (count++ % EVERY !== 0) return
      const width = video.videoWidth
      if (canvas.width !== width) canvas.width = width
      context.drawImage(video, 0, Math.floor(video.videoHeight * (1 - 1 / 72)), width, 1, 0, 0, width, 1)
      const code = decode(context.getImageData(0, 0, width, 1).data, width)
      if (code) window.pictureAges.push({ stream, age_ms: onScreen_ms - code.utc_ms, frame: code.frame })
      else window.picturesUnread += 1
    }
    video.requestVideoFrameCallback(look)
  }
}
