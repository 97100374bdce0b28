/** How long a simulated server takes to start, in milliseconds of the world's clock. */
export const bootMs = 3000;
