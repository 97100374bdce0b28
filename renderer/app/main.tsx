// The order matters: the questions to the core are on their way before the page is drawn.
import './start.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const element = document.getElementById('root');
if (element) createRoot(element).render(<App />);
