/** Prints a self-contained HTML page; the desktop host answers it with Chromium's own printing. */
export interface PdfPrinter {
  /**
   * @param html one file without references to anything outside
   * @throws Failure REPORT_PDF_UNAVAILABLE
   */
  print(html: string, options: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}
