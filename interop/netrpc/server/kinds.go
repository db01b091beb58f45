package main

import (
	"encoding/gob"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Kinds has a method for every kind of value. Most give back what they took, so that one case tells both ways.
type Kinds int

func init() {
	gob.Register(Circle{})
	gob.Register(&Square{})
	gob.Register([]int{})
	gob.Register(map[string]int{})
	gob.Register(time.Time{})
}

// Plain values, not in a struct.

func (*Kinds) Double(number int, reply *int) error {
	*reply = 2 * number
	return nil
}

func (*Kinds) Half(number float64, reply *float64) error {
	*reply = number / 2
	return nil
}

func (*Kinds) Not(flag bool, reply *bool) error {
	*reply = !flag
	return nil
}

func (*Kinds) Upper(text string, reply *string) error {
	*reply = strings.ToUpper(text)
	return nil
}

func (*Kinds) Reverse(bytes []byte, reply *[]byte) error {
	for i := len(bytes) - 1; i >= 0; i-- {
		*reply = append(*reply, bytes[i])
	}
	return nil
}

func (*Kinds) Conjugate(number complex128, reply *complex128) error {
	*reply = complex(real(number), -imag(number))
	return nil
}

func (*Kinds) Nothing(_ struct{}, _ *struct{}) error {
	return nil
}

// Structs, pointers and recursion.

type Address struct {
	Street string
	Zip    int
}

type Person struct {
	Name    string
	Age     int
	Home    Address
	Friends []Person
	Member  bool
}

func (*Kinds) Person(person Person, reply *Person) error {
	*reply = person
	return nil
}

// Employee has an embedded struct, whose name is its field's, a named number and a field that stays at home.
type Employee struct {
	Address
	Day    time.Weekday
	Pause  time.Duration
	salary int
}

func (*Kinds) Employee(_ struct{}, reply *Employee) error {
	*reply = Employee{Address{"Main St", 12345}, time.Friday, time.Second, 100}
	return nil
}

type Optional struct {
	Number *int
	Text   *string
	Home   *Address
}

func (*Kinds) Optional(optional Optional, reply *Optional) error {
	*reply = optional
	return nil
}

type List struct {
	Value int
	Next  *List
}

func (*Kinds) Count(to int, reply *List) error {
	*reply = List{Value: to}
	for value := to - 1; value > 0; value-- {
		rest := *reply
		*reply = List{value, &rest}
	}
	return nil
}

func (*Kinds) Sum(list List, reply *int) error {
	for next := &list; next != nil; next = next.Next {
		*reply += next.Value
	}
	return nil
}

// Zeros has fields that gob leaves out, each for its own reason.
type Zeros struct {
	Bool    bool
	Int     int
	Uint    uint
	Float   float64
	Complex complex128
	Text    string
	Bytes   []byte
	Slice   []int
	Array   [2]int
	Map     map[string]int
	Struct  Address
	Pointer *Address
	Any     any
	Time    time.Time
	Big     *big.Int
}

func (*Kinds) Zeros(_ struct{}, reply *Zeros) error {
	*reply = Zeros{}
	return nil
}

// Lists and maps.

type Lists struct {
	Ints  []int
	Texts []string
	Homes []*Address
	Grid  [][]int
	Flags []bool
}

func (*Kinds) Lists(lists Lists, reply *Lists) error {
	*reply = lists
	return nil
}

func (*Kinds) Ints(numbers []int, reply *[]int) error {
	*reply = numbers
	return nil
}

func (*Kinds) Array(numbers [3]int, reply *[3]int) error {
	*reply = numbers
	return nil
}

type Maps struct {
	ByText   map[string]int
	ByNumber map[int]string
	Deep     map[string]map[string]float64
}

func (*Kinds) Maps(maps Maps, reply *Maps) error {
	*reply = maps
	return nil
}

func (*Kinds) Labels(labels map[string]int, reply *map[string]int) error {
	*reply = labels
	return nil
}

type Point struct{ X, Y int }

// Points has keys that JSON has no words for: over JSON-RPC, Go's server never answers.
func (*Kinds) Points(points map[Point]string, reply *map[Point]string) error {
	*reply = map[Point]string{{1, 2}: "a", {3, 4}: "b"}
	for point, name := range points {
		(*reply)[point] = name
	}
	return nil
}

// Interfaces.

type Shape interface{ Area() float64 }

type Circle struct{ Radius float64 }

func (c Circle) Area() float64 { return math.Pi * c.Radius * c.Radius }

type Square struct{ Side float64 }

func (s *Square) Area() float64 { return s.Side * s.Side }

type Shapes struct {
	First Shape
	All   []Shape
}

func (*Kinds) Shapes(_ struct{}, reply *Shapes) error {
	*reply = Shapes{Circle{1.5}, []Shape{&Square{2}, Circle{0.5}}}
	return nil
}

type Box struct{ Any any }

func (*Kinds) Box(box Box, reply *Box) error {
	*reply = box
	return nil
}

// Boxed gives a value whose type only the interface tells.
func (*Kinds) Boxed(kind string, reply *Box) error {
	values := map[string]any{
		"int": 7, "string": "text", "float64": 1.5, "bool": true, "slice": []int{1, 2}, "map": map[string]int{"a": 1},
		"time": time.Unix(0, 0).UTC(), "nil": nil,
	}
	value, known := values[kind]
	if !known {
		return fmt.Errorf("no value of kind %q", kind)
	}
	reply.Any = value
	return nil
}

// Numbers that are strict, large or none.

type Measure struct {
	Count uint
	Ratio float64
	Small int8
}

func (*Kinds) Measure(measure Measure, reply *Measure) error {
	*reply = measure
	return nil
}

type Extremes struct {
	Min, Max         int64
	Unsigned         uint64
	Tiny, Huge       float64
	NaN, Inf, NegInf float64
	Single           float32
}

func (*Kinds) Extremes(_ struct{}, reply *Extremes) error {
	*reply = Extremes{
		math.MinInt64, math.MaxInt64, math.MaxUint64, math.SmallestNonzeroFloat64, math.MaxFloat64,
		math.NaN(), math.Inf(1), math.Inf(-1), 0.1,
	}
	return nil
}

func (*Kinds) Factorial(of int64, reply *big.Int) error {
	reply.MulRange(1, of)
	return nil
}

func (*Kinds) Negate(number *big.Int, reply *big.Int) error {
	reply.Neg(number)
	return nil
}

// Types that encode themselves.

func (*Kinds) NextDay(day time.Time, reply *time.Time) error {
	*reply = day.AddDate(0, 0, 1)
	return nil
}

type Meeting struct {
	Title string
	At    time.Time
	Ends  *time.Time
}

func (*Kinds) Meeting(meeting Meeting, reply *Meeting) error {
	*reply = meeting
	return nil
}

// Version encodes itself as text, which encoding/json heeds and encoding/gob doesn't.
type Version struct{ Major, Minor int }

func (v Version) MarshalText() ([]byte, error) {
	return []byte(fmt.Sprintf("v%d.%d", v.Major, v.Minor)), nil
}

func (v *Version) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "v%d.%d", &v.Major, &v.Minor)
	return err
}

// Secret encodes itself with gob's own method.
type Secret struct{ hidden byte }

func (s Secret) GobEncode() ([]byte, error) { return []byte{s.hidden, 0xff}, nil }

func (s *Secret) GobDecode(bytes []byte) error {
	if len(bytes) != 2 {
		return errors.New("a secret has two bytes")
	}
	s.hidden = bytes[0]
	return nil
}

// Network has types of the standard library that encode themselves: URL and Addr as Go's BinaryMarshaler has it.
type Network struct {
	IP      net.IP
	URL     *url.URL
	Addr    netip.Addr
	Version Version
	Secret  Secret
}

func (*Kinds) Network(_ struct{}, reply *Network) error {
	*reply = Network{
		net.IPv4(192, 0, 2, 1), &url.URL{Scheme: "https", Host: "example.com", Path: "/p"},
		netip.MustParseAddr("192.0.2.2"), Version{1, 2}, Secret{7},
	}
	return nil
}

// Slow, failing and large answers.

func (*Kinds) Sleep(millis int, reply *int) error {
	time.Sleep(time.Duration(millis) * time.Millisecond)
	*reply = millis
	return nil
}

func (*Kinds) Fail(text string, _ *int) error {
	return errors.New(text)
}

func (*Kinds) Large(size int, reply *[]byte) error {
	*reply = make([]byte, size)
	return nil
}

// Garbled gives a string that isn't UTF-8.
func (*Kinds) Garbled(_ struct{}, reply *string) error {
	*reply = "a\xff\x1bz"
	return nil
}
