"""The review as pages to keep and to print: one self-contained HTML document each, charts as inline SVG."""
