import Testing

/// A person at a real terminal: one scenario a file, keys in, screen and files out.
@Suite struct Scenarios {}
