/// Series of numbers as small pictures made of characters.
package enum Sparkline {
  private static let blocks: [Character] = Array("▁▂▃▄▅▆▇█")
  private static let plain: [Character] = Array("_.,-=+*#")

  /// One line: each of `columns` columns shows the greatest of its share of `values`, scaled from
  /// zero to the greatest of all; a blank where nothing is known.
  package static func line(_ values: [Int64?], columns: Int, ascii: Bool) -> String {
    let signs = ascii ? plain : blocks
    let shares = shares(values, columns)
    let most = max(1, shares.compactMap { $0 }.max() ?? 1)
    return String(
      shares.map { value -> Character in
        guard let value else { return " " }
        if value <= 0 { return signs[0] }
        let step = Int(Double(value) / Double(most) * Double(signs.count - 1) + 0.5)
        return signs[min(signs.count - 1, step)]
      })
  }

  /// `rows` lines, the uppermost first, scaled from `least` to `most`.
  package static func graph(
    _ values: [Int64?], columns: Int, rows: Int, least: Int64, most: Int64, ascii: Bool
  ) -> [String] {
    let signs = ascii ? Array("_.-=#") as [Character] : blocks
    let range = Double(max(1, most - least))
    let heights = shares(values, columns).map { value in
      value.map { Int(Double($0 - least) / range * Double(rows * signs.count - 1)) }
    }
    return (0..<rows).reversed().map { row in
      String(
        heights.map { height -> Character in
          guard let height else { return " " }
          let step = height - row * signs.count
          if step < 0 { return row == 0 ? signs[0] : " " }
          return signs[min(signs.count - 1, step)]
        })
    }
  }

  /// The greatest value of each column's share.
  private static func shares(_ values: [Int64?], _ columns: Int) -> [Int64?] {
    guard columns > 0, !values.isEmpty else { return [] }
    return (0..<columns).map { column in
      let start = column * values.count / columns
      let end = max(start + 1, (column + 1) * values.count / columns)
      return values[start..<min(end, values.count)].compactMap { $0 }.max()
    }
  }
}
