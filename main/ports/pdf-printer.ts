/** Prints a self-contained HTML page; the desktop host answers it with Chromium's own printing. */
export interface PdfPrinter {
  /** Why nothing can be printed here, as a part of a sentence; null where nothing is known against it. */
  whyNot(): string | null;
  /**
   * @param html one file without references to anything outside
   * @throws Failure REPORT_PDF_UNAVAILABLE
   */
  print(html: string, options: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}
