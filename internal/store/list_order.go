package store

import (
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// order is the fields a list is sorted by, without the id that decides between equals.
func (l *listing) order(list *List) []sorted {
	orders := make([]sorted, 0, len(list.Orders)+1)
	for _, o := range list.Orders {
		f := insertion
		if o.Attribute != "" {
			f = l.fields[o.Attribute]
		}
		orders = append(orders, sorted{f, o.Desc})
	}
	if len(orders) == 0 {
		orders = append(orders, sorted{insertion, false})
	}
	return orders
}

// sorted is a field to sort by.
type sorted struct {
	field
	desc bool
}

// orderBy writes an order; turned is the contrary one. NULL comes first, as an empty text would.
func orderBy(alias string, orders []sorted, turned bool) string {
	parts, desc := []string{}, false
	add := func(text string) {
		if desc {
			text += " desc"
		}
		parts = append(parts, text)
	}
	for _, o := range orders {
		desc = o.desc != turned
		if o.null {
			add(alias + "." + o.column + " is not null")
		}
		add(o.in(alias))
	}
	add(alias + ".id")
	return " order by " + strings.Join(parts, ", ")
}

// readCursor reads where the cursor's row stands in the order. Faults: general_cursor_not_found,
// database_query_order_null.
func (p *page) readCursor() error {
	if p.list.Cursor == "" {
		return nil
	}
	b := p.builder()
	columns := []string{}
	for _, o := range p.orders {
		columns = append(columns, p.l.alias+"."+o.column+" is null", p.l.alias+"."+o.column)
	}
	where := p.scope(b, p.l.alias) + " and " + p.l.alias + ".id = " + b.arg(p.list.Cursor)
	empty := false
	err := p.ask("select "+strings.Join(columns, ", ")+" from "+p.l.table+" "+p.l.alias+" where "+where, b, func(r row) error {
		p.cursor = nil
		for _, o := range p.orders {
			empty = r.flag() || empty
			switch o.kind {
			case flagField:
				p.cursor = append(p.cursor, r.flag())
			case timeField:
				p.cursor = append(p.cursor, model.Time(r.number()))
			default:
				p.cursor = append(p.cursor, r.text())
			}
		}
		p.cursor = append(p.cursor, p.list.Cursor)
		return nil
	})
	switch {
	case err != nil:
		return err
	case p.cursor == nil:
		return fault.CursorNotFound
	case empty:
		return fault.QueryOrderNull
	}
	return nil
}

// upTo writes the condition that a row comes no later than a position in an order that is one index.
func (p *page) upTo(b *builder, alias string, bound []any, turned bool) string {
	sign := " <= "
	if p.orders[0].desc != turned {
		sign = " >= "
	}
	return "(" + p.orders[0].in(alias) + ", " + alias + ".id)" + sign + "(" + b.arg(bound[0]) + ", " + b.arg(bound[1]) + ")"
}

// after writes the condition that a row comes after the cursor in the order, or before it.
func (p *page) after(b *builder, alias string, cursor []any, turned bool) string {
	sign := func(desc bool) string {
		if desc != turned {
			return " < "
		}
		return " > "
	}
	last := p.orders[len(p.orders)-1].desc
	if len(p.orders) == 1 && !p.orders[0].null {
		// Compared as a pair, which an index can be entered by.
		return "(" + p.orders[0].in(alias) + ", " + alias + ".id)" + sign(last) + "(" + b.arg(cursor[0]) + ", " + b.arg(cursor[1]) + ")"
	}
	alternatives, equal := []string{}, ""
	for i, o := range p.orders {
		alternatives = append(alternatives, "("+equal+o.in(alias)+sign(o.desc)+b.arg(cursor[i])+")")
		equal += o.in(alias) + " = " + b.arg(cursor[i]) + " and "
	}
	alternatives = append(alternatives, "("+equal+alias+".id"+sign(last)+b.arg(cursor[len(p.orders)])+")")
	return "(" + strings.Join(alternatives, " or ") + ")"
}
