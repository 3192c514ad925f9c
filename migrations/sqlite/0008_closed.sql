-- What each rule has closed and when: counted before it closes another item. Few rows.
CREATE INDEX audit_closed ON audit (target, intended_at) WHERE effect = 'closed';
