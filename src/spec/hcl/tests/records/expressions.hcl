a = 1+2*3-4/5%6
bb = a==b&&c!=d||e<f&&g<=h||i>j&&k>=l
ccc = !x
d = -y
e = a - -b
f = a-b
g = [-1,-x, - y]
h = f(-1)
i = x?-1:- 1
j = { a=-1 , b:-2 }
k = x[-1]
l = [ ]
m = { }
n = {a=1}
o = [[1,2],[3,4]]
p = [{a=1},{b=2}]
q = f( g( h( 1 ) ) )
r = f( a,b... )
s = a.b.c[0] ["k"] . d
t = a.*.b
u = a[*].b
v = a .0
w = "${a}"
x = "${a}-${b}"
y = "a${ b }c%{ if d }e%{ else }f%{ endif }g"
z = "%{ for k,v in m ~} ${k}=${v} %{~ endfor }"
aa = ns::sub::f( 1 )
ab = [for x in xs:x]
ac = [for k,v in m:v if v!=null]
ad = {for k,v in m:k=>v...}
ae = [ for x in [ 1,2 ] : [ x ] ]
af = "${ [for x in xs: x] }"
ag = "${ {a=1}.a }"
ah = (a)
ai = ( a+b )*c
aj = null
ak = true
al = 1e10
am = 0.5
an = "a \" b \\ c \u00e9 \n"
ao = "$${not} %%{not} $ % $$ 100%"
ap = a ? b : c ? d : e
aq = [
  1,2,
    3,
]
ar = f(
a,
  b
)
as = {
  x = 1, yy = 2
  zzz=3

  f = 4 # x
}
at = cond ? {
a = 1
} : {
  b = 2
}
au = "${
  f(x)
}"
av = "${
  a ?
  b : c
}"
aw = "${"nested ${"twice"}"}"
ax = "${~ x ~}"
