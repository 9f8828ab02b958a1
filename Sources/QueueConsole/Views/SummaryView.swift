import DiskQueue
import QueueInspection

/// One queue in numbers: where it stands, how it moves, and what is wrong with it.
enum SummaryView {
  static func draw(_ queue: QueueReport, _ model: Model, _ rows: Rows, in frame: inout Frame) {
    let layout = SummaryLayout(queue, in: model)
    let lines = lines(of: queue, model, layout)
    for (row, line) in zip(model.layout.page, lines.dropFirst(rows.shown.lowerBound)) {
      frame.put(line, row: row)
    }
    frame.cursor = (model.layout.page.lowerBound, 0)
  }

  /// The whole page, of which the screen shows as much as fits.
  static func lines(of queue: QueueReport, _ model: Model, _ layout: SummaryLayout) -> [Line] {
    var lines = numbers(queue, model)
    if let map = layout.map { lines += [Line()] + SegmentsView.map(queue, map, model, cursor: nil) }
    lines += [Line()] + graph(queue, model, rows: layout.picture) + [Line()]
    let width = SummaryLayout.textWidth(model.layout)
    return lines + checks(Checkup(of: queue, in: model)).flatMap { $0.wrapped(to: width) }
  }

  static func numbers(_ queue: QueueReport, _ model: Model) -> [Line] {
    let rates = model.rates(queue.name)
    let state = model.watched[queue.name]
    let eta = Numbers.left(state?.secondsToDrain(queue.depth), depth: queue.depth)
    var lines = [
      Line(" depth     ", .dim).adding(Numbers.grouped(queue.depth), .unread)
        .adding(" (\(queue.depthSource))").adding("   in ", .dim)
        .adding("\(Numbers.rate(rates.in))/s").adding("  out ", .dim)
        .adding("\(Numbers.rate(rates.out))/s").adding("  +/- ", .dim)
        .adding("\(Numbers.change(rates.net))/s").adding("   empty in ", .dim).adding(eta),
      Line(" read      ", .dim).adding(queue.read.place.padded(22), .read)
        .adding("write ", .dim).adding(queue.write.place.padded(22))
        .adding("unread ", .dim).adding(Numbers.bytes(queue.unreadBytes))
        .adding(" of ", .dim)
        .adding(Numbers.bytes(queue.segments.reduce(0) { $0 + $1.bytes })),
    ]
    if let seconds = model.secondsStill(queue), seconds >= model.preferences.thresholds.stall {
      lines[1] = lines[1].adding("   not read for \(Numbers.age(seconds))", .warning)
    }
    if let metadata = queue.metadata {
      let depth = metadata.numbers.map { "depth \(Numbers.grouped($0.depth))" } ?? "not readable"
      lines.append(
        Line(" metadata  ", .dim).adding(depth, metadata.numbers == nil ? .error : .normal)
          .adding("   written \(metadata.modifiedAt.rfc3339)")
          .adding("   mode 0\(String(metadata.mode, radix: 8))")
          .adding("   temporaries \(queue.temporaries.count)"))
    } else {
      lines.append(Line(" metadata  ", .dim).adding("none", .warning))
    }
    let owner = queue.owner.map(\.words)
    lines.append(
      Line(" owner     ", .dim)
        .adding(owner ?? (model.shown?.ownersKnown == true ? "nobody" : "unknown")))
    if let problem = queue.problem { lines.append(Line(" " + problem, .error)) }
    return lines
  }

  // MARK: Depth over time

  static func graph(_ queue: QueueReport, _ model: Model, rows: Int) -> [Line] {
    guard let state = model.watched[queue.name], let now = model.now else { return [] }
    let width = max(10, min(180, model.columns - 14))
    let values = state.depths.values(width, at: now.seconds)
    let known = values.compactMap { $0 }
    let (least, most) = (known.min() ?? 0, known.max() ?? 0)
    // A flat line at the bottom says more than one magnified from nothing.
    let floor = most - least <= most / 20 ? 0 : least
    let picture = Sparkline.graph(
      values, columns: width, rows: rows, least: floor, most: most, ascii: model.ascii)
    let minutes = width * Int(DepthSeries.slotSeconds) / 60
    var lines = [
      Line(" depth, last \(minutes) min", .header)
        .adding("   min ", .dim).adding(Numbers.grouped(least))
        .adding("  max ", .dim).adding(Numbers.grouped(most))
        .adding("  peak ", .dim).adding("\(Numbers.grouped(state.peak.depth))")
        .adding(" at \(state.peak.at.clock)", .dim)
    ]
    for (index, row) in picture.enumerated() {
      let label = index == 0 ? most : index == picture.count - 1 ? floor : nil
      let text = label.map { Numbers.short($0) } ?? ""
      lines.append(
        Line(text.padded(left: 9) + " |", .dim).adding(row, .unread))
    }
    return lines
  }

  // MARK: Checks

  private static func checks(_ checkup: Checkup) -> [Line] {
    let looks = [checkup.full == nil ? [Role.dim] : [.dim, .normal]] + looks(checkup.findings)
    return zip(checkup.texts, looks).map { texts, roles in
      zip(texts, roles).reduce(Line()) { $0.adding($1.0, $1.1) }
    }
  }

  /// How each piece of what was found looks.
  private static func looks(_ findings: [Finding]) -> [[Role]] {
    if findings.isEmpty { return [[.good, .normal]] }
    return findings.map { finding in
      let role: Role =
        switch finding.severity {
        case .info: .dim
        case .warning: .warning
        case .error: .error
        }
      return [role, role, .normal]
    }
  }
}
