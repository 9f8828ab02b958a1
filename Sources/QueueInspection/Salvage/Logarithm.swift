/// Logarithms without a C library's.
enum Logarithm {
  /// Exact to some 1e-6, which is far more than any prior is.
  static func base2(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return -1074 }
    let significand = value.significand
    // The series of the inverse hyperbolic tangent of (s - 1) / (s + 1), s in 1..<2.
    let ratio = (significand - 1) / (significand + 1)
    let x = ratio * ratio
    let sum = 1 + x * (1 / 3 + x * (1 / 5 + x * (1 / 7 + x * (1 / 9 + x * (1 / 11 + x / 13)))))
    return Double(value.exponent) + 2 * ratio * sum / 0.693_147_180_559_945_3
  }
}
