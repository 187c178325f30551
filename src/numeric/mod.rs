//! Private mathematics; it knows no customers.

pub(crate) mod beta_mean;
pub(crate) mod damped;
pub(crate) mod gauss;
pub(crate) mod linear;
pub(crate) mod minimise;
pub(crate) mod power;
#[cfg(feature = "simulate")]
pub(crate) mod random;
pub(crate) mod special;

#[cfg(test)]
mod quick {
    use super::*;
    #[test]
    fn quick() {
        for (nu, z, v) in [(0.606,0.136,2.86432919925207),(1.5,0.01,1.68221427473652),(3.2,4.0,0.146703177481679),(201.0,0.1,0.00499748870551323),(0.1,1e-4,4253.60177015824),(2.0,50.0,0.0192445034942565)] {
            println!("{nu} {z} {:e} {:e}", damped::damped_power(nu,z)/v-1.0, damped::damped_power_until(nu,z,20.0)/v-1.0);
        }
        let t = std::time::Instant::now();
        let mut s=0.0;
        for i in 0..100000 { s+=damped::damped_power(3.2, 0.01+ f64::from(i)*1e-5); }
        println!("damped {:?} {s}", t.elapsed()/100000);
        let t = std::time::Instant::now();
        let mut s=0.0;
        for i in 0..100000 { s+=damped::damped_power(3.2, 2.0+ f64::from(i)*1e-5); }
        println!("damped cf {:?} {s}", t.elapsed()/100000);
        let t = std::time::Instant::now();
        for i in 0..100000 { s+=power::power_integral((10.5,2.55),(11.6,1.6),5.0+f64::from(i%10),38.0).ln; }
        println!("power {:?} {s}", t.elapsed()/100000);
        for (r,al,a,b,t,v) in [(0.11,3.24,0.31,0.5,30.0,0.56458861553278),(2.243,43.274,1.0,4.426,39.0,1.62514953634328),(200.243,43.274,0.793,202.426,39.0,137.889565515879),(0.5,10.0,1000.0,1e5,39.0,1.89528671264507),(50.0,10.0,0.02,0.02,39.0,89.1155645593091),(0.243,4.414,0.793,2.426,4000.0,11.0993441857131)] {
            let f = beta_mean::Mixed{ at_zero: r*t/al, at_one: -(-r*f64::ln_1p(t/al)).exp_m1(), bend: al/(t*(1.0+r)), inside: |p:f64| -(-r*f64::ln_1p(p*t/al)).exp_m1()/p};
            println!("{:e}", beta_mean::beta_mean(a,b,f)/v-1.0);
        }
        println!("{:e}", special::normal_quantile(0.975)-1.959963984540054);
        println!("{:?}", special::incomplete_beta(8.0,2.0,0.517503485083,1.0-0.517503485083));
    }
}
