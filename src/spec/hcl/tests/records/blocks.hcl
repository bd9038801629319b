empty {}
empty_space {   }
empty_lines {

}
one_line { a=1 }
labels "a" "b" "c" { x = [ 1 ] }
bare label other { y = { a=1 } }
mixed bare "quoted" {
nested {
deeper {
deepest {
a = 1
}
}
}
}
a = [
  [
  1
  ],[
  2
  ]]
b = f([
  1,
  2
  ], {
    c = 3
})
c = f(g(
  1
))
d = {
  e = {
  f = [
  {
  g = 1
  }
  ]
  }
}
variable "x" {
type=map
}
variable "y" {
type = set(string)
}
variable "z" {
type = "map"
nested {
type = "list"
}
}
output "o" {
type = "string"
value="${z}"
}


weird = [ { a = 1
b = 2 }, { c = 3 } ]
if = 1
for = 2
in = 3
