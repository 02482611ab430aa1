export interface ImageInfo {
  mimeType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  width: number;
  height: number;
}

/** Reads type and size from a picture's first bytes; undefined for anything that is no picture. */
export function readImage(bytes: Uint8Array): ImageInfo | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length >= 24 && data.readUInt32BE(0) === 0x89504e47) {
    return { mimeType: 'image/png', width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
  }
  if (data.length >= 10 && data.toString('latin1', 0, 4) === 'GIF8') {
    return { mimeType: 'image/gif', width: data.readUInt16LE(6), height: data.readUInt16LE(8) };
  }
  if (data.length >= 30 && data.toString('latin1', 0, 4) === 'RIFF' && data.toString('latin1', 8, 12) === 'WEBP') return readWebp(data);
  if (data.length >= 4 && data.readUInt16BE(0) === 0xffd8) return readJpeg(data);
  return undefined;
}

function readWebp(data: Buffer): ImageInfo | undefined {
  const format = data.toString('latin1', 12, 16);
  if (format === 'VP8X') return { mimeType: 'image/webp', width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 };
  if (format === 'VP8 ') return { mimeType: 'image/webp', width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff };
  if (format !== 'VP8L') return undefined;
  const bits = data.readUInt32LE(21);
  return { mimeType: 'image/webp', width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}

/** Walks the JPEG segments to the frame header, which is where the size stands. */
function readJpeg(data: Buffer): ImageInfo | undefined {
  let position = 2;
  while (position + 9 < data.length && data[position] === 0xff) {
    const marker = data.readUInt8(position + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { mimeType: 'image/jpeg', height: data.readUInt16BE(position + 5), width: data.readUInt16BE(position + 7) };
    position += 2 + data.readUInt16BE(position + 2);
  }
  return undefined;
}
