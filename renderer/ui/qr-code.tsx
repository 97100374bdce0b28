import { useEffect, useState, type JSX } from 'react';

interface Drawing {
  readonly size: number;
  readonly path: string;
}

/** Margin of four modules on every side: ISO/IEC 18004, "quiet zone". */
const quietZone = 4;

const draw = async (text: string): Promise<Drawing> => {
  const { create } = await import('qrcode');
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const parts: string[] = [];
  for (let row = 0; row < modules.size; row += 1)
    for (let column = 0; column < modules.size; column += 1)
      if (modules.get(row, column)) parts.push(`M${column + quietZone} ${row + quietZone}h1v1h-1z`);
  return { size: modules.size + 2 * quietZone, path: parts.join('') };
};

/** An address for a phone: black on white in every theme, because a camera reads it. */
export const QrCode = ({ text }: { text: string }): JSX.Element | null => {
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void draw(text).then((drawn) => {
      if (isCurrent) setDrawing(drawn);
    });
    return () => {
      isCurrent = false;
    };
  }, [text]);
  return (
    <span className="q-qr">
      {drawing ? (
        <svg
          viewBox={`0 0 ${drawing.size} ${drawing.size}`}
          shapeRendering="crispEdges"
          role="img"
          aria-label={`QR code: ${text}`}
        >
          <rect width="100%" height="100%" fill="#fff" />
          <path d={drawing.path} fill="#000" />
        </svg>
      ) : null}
    </span>
  );
};
