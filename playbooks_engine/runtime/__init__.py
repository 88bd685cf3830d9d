"""Where connectors, language and store meet; the only room that sends."""
