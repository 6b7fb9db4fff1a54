// The largest flow through a network, and the cut that limits it (Dinitz 1970).

interface Edge {
  readonly to: number;
  /** What still fits through. */
  room: number;
  /** The same edge the other way. */
  back: number;
}

/** A network of vertices and directed edges. */
export class MaxFlow {
  private readonly edges: Edge[] = [];
  /** Indices of the edges that leave each vertex. */
  private readonly from: number[][] = [];

  vertex(): number {
    return this.from.push([]) - 1;
  }

  edge(from: number, to: number, capacity: number): void {
    this.from[from].push(this.edges.push({ to, room: capacity, back: this.edges.length + 1 }) - 1);
    this.from[to].push(this.edges.push({ to: from, room: 0, back: this.edges.length - 1 }) - 1);
  }

  /** Fills the network; the vertices beyond the narrowest cut, of several the one nearest to the sink. */
  cut(source: number, sink: number): Set<number> {
    for (;;) {
      const levels = this.levels(source);
      if (!levels.has(sink)) return this.reaching(sink);
      const next = this.from.map(() => 0);
      while (this.push(source, sink, Number.POSITIVE_INFINITY, levels, next) > 0);
    }
  }

  /** Steps from the source to each vertex that can still be reached. */
  private levels(source: number): Map<number, number> {
    const levels = new Map([[source, 0]]);
    for (const vertex of levels.keys()) {
      for (const index of this.from[vertex]) {
        const { to, room } = this.edges[index];
        if (room > 0 && !levels.has(to)) levels.set(to, levels.get(vertex)! + 1);
      }
    }
    return levels;
  }

  /** Vertices from which something could still flow to the sink. */
  private reaching(sink: number): Set<number> {
    const found = new Set([sink]);
    for (const vertex of found) {
      for (const index of this.from[vertex]) {
        const { to, back } = this.edges[index];
        if (this.edges[back].room > 0) found.add(to);
      }
    }
    return found;
  }

  /** Sends along one way of rising levels as much as fits. */
  private push(vertex: number, sink: number, limit: number, levels: Map<number, number>, next: number[]): number {
    if (vertex === sink) return limit;
    for (; next[vertex] < this.from[vertex].length; next[vertex]++) {
      const edge = this.edges[this.from[vertex][next[vertex]]];
      if (edge.room === 0 || levels.get(edge.to) !== levels.get(vertex)! + 1) continue;
      const sent = this.push(edge.to, sink, Math.min(limit, edge.room), levels, next);
      if (sent === 0) continue;
      edge.room -= sent;
      this.edges[edge.back].room += sent;
      return sent;
    }
    return 0;
  }
}
